#include "connectors/recipe/advice.hpp"

#include <algorithm>
#include <sstream>

#include "connectors/recipe/make.hpp"

namespace usher::recipe {
namespace {

class Adviser {
 public:
  explicit Adviser(const Recipe& recipe) : recipe_(recipe) {
    std::istringstream text(recipe.text);
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
  }

  std::vector<Diagnostic> all() {
    const UserRecipe& user = recipe_.user;
    for (const Listing& listing : user.listings) about_listing(listing);
    about_writing(user);
    about_address();
    about_leaving(user);
    for (const EntitlementRecipe& kind : recipe_.entitlements) about_entitlement(kind);
    std::stable_sort(found_.begin(), found_.end(), [](const Diagnostic& a, const Diagnostic& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    return std::move(found_);
  }

 private:
  void about_listing(const Listing& listing) {
    const Paging& paging = listing.paging;
    const bool counted = !listing.total.empty() || !listing.total_header.empty() || listing.count;
    if (paging.by == PagingKind::none && !counted) {
      say(listing.call.place,
          "without pages the platform must answer everybody at once: one that silently stops at some number "
          "is "
          "believed; give 'total' or 'total-header' if the reply says how many there are");
    }
    const bool by_number = paging.by == PagingKind::offset || paging.by == PagingKind::page;
    if ((!by_number && paging.by != PagingKind::last_id) || !paging.more.empty()) return;
    if (paging.short_page_ends && !counted) {
      say(listing.call.place,
          "a page that the platform cuts short is taken for the last one: give 'total', 'total-header' or "
          "'more', or "
          "leave out short-page-ends");
    } else if (by_number && !counted && paging.proof == PagingProof::none) {
      say(listing.call.place,
          "nothing says how many there are: accounts that slip between two pages while others are deleted "
          "are not missed; give 'total' or 'total-header' if the reply has it, or leave out 'proof: none'");
    }
  }

  void about_address() {
    if (!ignores_url(recipe_)) return;
    say(key("http"),
        "http.base does not read 'config.url': an address that somebody configures is not the one that is "
        "asked; write \"{config.url}\" in it, or leave the option out");
  }

  void about_writing(const UserRecipe& user) {
    const bool writes = user.create || !user.updates.empty() || !user.enable.empty() || !user.disable.empty();
    if (writes && !user.get) {
      say(key("user"),
          "there is no 'get': writes cannot be verified, and an account that changed since the plan is not "
          "noticed");
    }
    if (user.create && user.key.empty()) {
      say(user.create->call.place,
          "there is no 'key': no attribute is said to be unique, so that a create whose answer is lost may "
          "leave an "
          "account nobody knows of until the next pull");
    } else if (user.create && user.finds.empty()) {
      say(user.create->call.place,
          "there is no 'find': a create whose answer is lost is only settled by the next pull");
    }
    if (writes && !user.self && user.self_id.empty()) {
      say(key("user"),
          "there is no 'self': the account usher itself works as is not known, and not protected");
    }
    for (const AttributeRecipe& one : user.attributes) {
      const Attribute& attribute = one.place.attribute;
      if (attribute.required && user.create && !attribute.creatable) {
        say(key(attribute.path),
            "'" + attribute.path + "' is required and cannot be given: nobody can be created");
      }
    }
  }

  void about_leaving(const UserRecipe& user) {
    if (user.disable.empty() && user.lock.empty() && user.remove.empty()) {
      say(key("user"), "there is no 'disable', 'lock' or 'delete': leavers can only be reported");
    }
    if (!user.disable.empty() && user.enable.empty()) {
      say(user.disable.front().place,
          "there is 'disable' and no 'enable': whoever comes back stays disabled");
    }
    if (!user.disable.empty() && user.active.place.empty() && listings_say_nothing(user)) {
      say(user.disable.front().place,
          "there is 'disable', but neither 'active' nor a listing says who is disabled: it would be done "
          "again and "
          "again");
    }
  }

  static bool listings_say_nothing(const UserRecipe& user) {
    return std::none_of(user.listings.begin(), user.listings.end(),
                        [](const Listing& listing) { return listing.active.has_value(); });
  }

  void about_entitlement(const EntitlementRecipe& kind) {
    const MembershipReading& reading = kind.memberships;
    if (kind.listing) about_listing(*kind.listing);
    const bool far = reading.from == MembershipReading::From::listing ||
                     reading.from == MembershipReading::From::per_group;
    if (far && (kind.add || kind.remove || kind.set) && !reading.of_user) {
      say(reading.listing.call.place,
          "there is no 'of-user': whenever one account is read back, all memberships of "
          "this kind are read");
    }
    const bool one_way = kind.add.has_value() != kind.remove.has_value();
    if (one_way && !kind.set) {
      say(kind.add ? kind.add->place : kind.remove->place,
          kind.add ? "there is 'add' and no 'remove': nobody leaves"
                   : "there is 'remove' and no 'add': nobody joins");
    }
  }

  // Where a key stands, for what is missing below it.
  SourceLocation key(const std::string& name) const {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t start = lines_[i].find_first_not_of(' ');
      if (start != std::string::npos && lines_[i].compare(start, name.size() + 1, name + ":") == 0)
        return {.file = recipe_.file, .line = static_cast<int>(i) + 1, .column = static_cast<int>(start) + 1};
    }
    return {.file = recipe_.file, .line = 1, .column = 1};
  }

  void say(const SourceLocation& place, std::string message) {
    const auto index = static_cast<std::size_t>(place.line) - 1;
    found_.push_back({place, std::move(message), index < lines_.size() ? lines_[index] : std::string()});
  }

  const Recipe& recipe_;
  std::vector<std::string> lines_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> advice(const Recipe& recipe) {
  return Adviser(recipe).all();
}

}  // namespace usher::recipe
