#include "connectors/recipe/advice.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "connectors/canonical.hpp"
#include "connectors/recipe/loader.hpp"
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
    about_requests(user);
    about_write_paths(user);
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
    const bool by_length = by_number || paging.by == PagingKind::last_id;
    if (by_length && paging.short_page_ends && !counted && paging.more.empty()) {
      say(listing.call.place,
          "a page that the platform cuts short is taken for the last one: give 'total', 'total-header' or "
          "'more', or leave out short-page-ends");
    } else if (paging.by != PagingKind::none && paging.by != PagingKind::last_id &&
               paging.proof == PagingProof::none && paging.unproved.empty()) {
      say(listing.call.place,
          "nothing proves that nobody slips between two pages while others are deleted and made, which a "
          "total "
          "does not show: leave out 'proof: none', or say why it cannot happen with 'proof: {none: REASON}'");
    }
  }

  void about_address() {
    if (!ignores_url(recipe_)) return;
    say(key({"http"}),
        "http.base does not read 'config.url': an address that somebody configures is not the one that is "
        "asked; write \"{+config.url}\" in it, or leave the option out");
  }

  void about_writing(const UserRecipe& user) {
    const bool writes = user.create || !user.updates.empty() || !user.enable.empty() || !user.disable.empty();
    if (writes && !user.get) {
      say(key({"user"}),
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
      say(key({"user"}),
          "there is no 'self': the account usher itself works as is not known, and not protected");
    }
    for (const AttributeRecipe& one : user.attributes) {
      const Attribute& attribute = one.place.attribute;
      if (attribute.required && user.create && !attribute.creatable) {
        say(key({"user", "attributes", attribute.path}),
            "'" + attribute.path + "' is required and cannot be given: nobody can be created");
      }
    }
  }

  // A request that does not name what it is about is about something else, or about everybody.
  void about_requests(const UserRecipe& user) {
    const auto names_account = [&](const Call& call, const char* what) {
      if (uses(call, Variable::account) || uses(call, Variable::fresh)) return;
      say(call.place, std::string("nothing in this request says which account it is to ") + what +
                          ": {account.id} is not in it");
    };
    const auto writes = [&](const Call& call, const char* what) {
      names_account(call, what);
      about_replacing(call);
    };
    for (const UpdateRecipe& route : user.updates) {
      writes(route.call, "change");
      about_body(route.call, route.attributes, "the route says that it changes");
    }
    if (user.create) {
      about_created(*user.create, user);
      for (const Call& call : user.create->then) names_account(call, "make whole");
    }
    for (const Call& call : user.enable) writes(call, "enable");
    for (const Call& call : user.disable) writes(call, "disable");
    for (const Call& call : user.remove) names_account(call, "delete");
    for (const Step& step : user.lock)
      if (step.call) writes(*step.call, "lock");
    for (const Step& step : user.unlock)
      if (step.call) writes(*step.call, "unlock");
    for (const CredentialRecipe& one : recipe_.credentials) {
      if (one.kind.own || !one.kind.holder.empty()) continue;
      for (const Call& call : one.rotate)
        if (&call == &one.rotate.front() && !uses(call, Variable::credential)) names_account(call, "renew");
      if (one.revoke && !uses(*one.revoke, Variable::credential)) names_account(*one.revoke, "revoke");
    }
    for (const Lookup& find : user.finds) {
      if (!uses(find.call, Variable::key))
        say(find.call.place, "nothing in this request says whom it looks for: 'key' is not in it");
    }
    if (user.get) names_account(user.get->call, "read");
  }

  void about_replacing(const Call& call) {
    if (call.method != "PUT" || call.replace || call.reads_fresh || call.replace_chosen || !call.body) return;
    say(call.place,
        "a PUT often replaces the whole object, and what is not in its body is lost, passwords too: say "
        "'replace: true', or 'replace: false' where the platform changes only what it is given");
  }

  // A write that claims attributes and sends others is said to be done, and is not.
  void about_body(const Call& call, const std::vector<std::string>& attributes, const std::string& claim) {
    if ((!call.body && call.form.empty()) || uses(call, Variable::written)) return;
    std::set<std::string> read;
    any_expression(call, [&](const cel::Program& program) {
      for (std::string field : program.fields(to_string(Variable::wanted))) read.insert(std::move(field));
      return false;
    });
    const auto is_read = [&](const std::string& attribute) {
      return std::any_of(read.begin(), read.end(), [&](const std::string& field) {
        return field.empty() || field == attribute || attribute.starts_with(field + ".") ||
               field.starts_with(attribute + ".");
      });
    };
    for (const std::string& attribute : attributes)
      if (!is_read(attribute)) say(call.place, claim + " '" + attribute + "', and its body does not hold it");
  }

  void about_created(const CreateRecipe& create, const UserRecipe& user) {
    std::vector<std::string> given;
    for (const AttributeRecipe& one : user.attributes)
      if (one.place.attribute.creatable && !one.place.attribute.secret)
        given.push_back(one.place.attribute.path);
    about_body(create.call, given, "the call that creates takes");
  }

  void about_write_paths(const UserRecipe& user) {
    const auto free = [&](const AttributeRecipe& one) {  // written where its path says, by some call
      const std::string& path = one.place.attribute.path;
      const auto route =
          std::find_if(user.updates.begin(), user.updates.end(), [&](const UpdateRecipe& update) {
            const auto& all = update.attributes;
            return std::find(all.begin(), all.end(), path) != all.end();
          });
      const bool updated =
          route != user.updates.end() && (!route->call.body || uses(route->call, Variable::written));
      const bool created = user.create && one.place.attribute.creatable &&
                           (!user.create->call.body || uses(user.create->call, Variable::written));
      return updated || created;
    };
    for (std::size_t i = 0; i < user.attributes.size(); ++i) {
      const AttributeRecipe& one = user.attributes[i];
      if (!free(one)) continue;
      const auto place = key({"user", "attributes", one.place.attribute.path});
      std::string_view rest = one.written, last;
      bool bracket = false;
      while (!rest.empty()) {
        bracket = rest.starts_with('[');
        last = take_step(rest);
      }
      if (!bracket && list_index(last)) {
        say(place,
            "'" + one.written +
                "' is a place in a list, and another order of the list would be another attribute: say what "
                "stands in the item, as in list[type=work].value; a member that is called by a number is "
                "written [1]");
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (user.attributes[j].written != one.written || !free(user.attributes[j])) continue;
        say(place, "'" + one.place.attribute.path + "' and '" + user.attributes[j].place.attribute.path +
                       "' are written to the same place '" + one.written +
                       "': the last one wins, and the other is lost");
      }
    }
  }

  void about_leaving(const UserRecipe& user) {
    if (user.disable.empty() && user.lock.empty() && user.remove.empty()) {
      say(key({"user"}), "there is no 'disable', 'lock' or 'delete': leavers can only be reported");
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
          "there is no 'of-user': to know whether one account is in a group all who are in it are read, once "
          "in each run that changes it");
    }
    for (const auto* call : {&kind.add, &kind.change, &kind.remove, &kind.set}) {
      if (*call && !uses(**call, Variable::account) && !uses(**call, Variable::members) &&
          !(*call)->reads_edge_id && !uses(**call, Variable::fresh))
        say((*call)->place,
            "nothing in this request says whose membership it is about: {account.id} is not in it");
    }
    const bool one_way = kind.add.has_value() != kind.remove.has_value();
    if (one_way && !kind.set) {
      say(kind.add ? kind.add->place : kind.remove->place,
          kind.add ? "there is 'add' and no 'remove': nobody leaves"
                   : "there is 'remove' and no 'add': nobody joins");
    }
  }

  // Where a key stands, by the keys it stands under, for what is missing below it; what is written in one
  // line stands there.
  SourceLocation key(const std::vector<std::string>& path) const {
    SourceLocation place{.file = recipe_.file, .line = 1, .column = 1};
    std::size_t line = 0, least = 0;
    for (const std::string& name : path) {
      std::size_t inner = std::string::npos;
      for (; line < lines_.size(); ++line) {
        const std::size_t start = lines_[line].find_first_not_of(' ');
        if (start == std::string::npos || lines_[line][start] == '#') continue;
        if (start < least) return place;
        inner = std::min(inner, start);  // of the keys at this level
        if (start == inner && lines_[line].compare(start, name.size() + 1, name + ":") == 0) break;
      }
      if (line == lines_.size()) return place;
      place.line = static_cast<int>(line) + 1;
      place.column = static_cast<int>(inner) + 1;
      least = inner + 1;
      ++line;
    }
    return place;
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
