#include "connectors/recipe/account_objects.hpp"

#include "connectors/canonical.hpp"
#include "connectors/json_repair.hpp"
#include "connectors/member_twice.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using simdjson::dom::element;

std::vector<std::pair<std::string, std::vector<std::string>>> expanded(const ItemFilter::Texts& texts,
                                                                       Scope& scope) {
  std::vector<std::pair<std::string, std::vector<std::string>>> result;
  for (const auto& [path, wanted] : texts) {
    auto& one = result.emplace_back(path, std::vector<std::string>());
    for (const TextTemplate& text : wanted)
      one.second.push_back(text.expand(scope, TextTemplate::For::value).value_or(""));
  }
  return result;
}

AccountShape shape_of(const RecipePlatform& platform) {
  const Recipe& recipe = platform.recipe();
  AccountShape shape;
  shape.id = recipe.user.id;
  shape.active = recipe.user.active;
  for (const AttributeRecipe& one : recipe.user.attributes) shape.attributes.push_back(one.place);
  Scope scope = platform.scope();
  for (const EntitlementRecipe& kind : recipe.entitlements) {
    if (kind.memberships.from != MembershipReading::From::user) continue;
    InnerMemberships inner = kind.memberships.inner;
    inner.only = expanded(kind.memberships.counts.only, scope);
    inner.except = expanded(kind.memberships.counts.except, scope);
    shape.memberships.push_back(std::move(inner));
  }
  return shape;
}

}  // namespace

AccountObjects::AccountObjects(const RecipePlatform& platform)
    : platform_(platform), reader_(shape_of(platform)) {}

// An account out of a reply that is read alone. What of it cannot be read, or stands twice, but its id, it
// goes without: `unreadable` says so.
Outcome<Account> AccountObjects::read_alone(const element& object, const element* marked, const Reply& reply,
                                            std::string& unreadable) const {
  const auto scratch = reader_.scratch();
  Account account;
  auto wrong = reader_.read(object, account, *scratch);
  if (const auto twice = member_twice(object); twice && !wrong)
    wrong = AccountReader::Wrong{"'" + *twice + "' stands twice"};
  if (wrong && account.id.empty())
    return http::fail(FailureKind::malformed, platform_.clean(wrong->why), reply.shown);
  if (wrong) unreadable = platform_.clean(wrong->why);
  if (Account as_written; marked != nullptr && !wrong) {
    reader_.read(*marked, as_written, *scratch);
    if (as_written.attributes != account.attributes || as_written.memberships != account.memberships)
      unreadable = "a text or number that cannot be read";
  }
  return account;
}

// What of an account on a page is not as the platform wrote it.
std::optional<AccountReader::Wrong> AccountObjects::difference(const Listing& listing,
                                                               const ListingPage& page, std::size_t number,
                                                               Account& account) const {
  element marked;
  if (page.marked->at(number).get(marked) != simdjson::SUCCESS) return std::nullopt;
  Account as_written;
  element_at(marked, listing.object, marked);
  reader_.read(marked, as_written, *reader_.scratch());
  // A number that is too large is a name like any other.
  if (as_written.id != account.id && as_written.id != std::string(repair_mark) + account.id) {
    account.id.clear();
    return AccountReader::Wrong{"its id cannot be read"};
  }
  if (as_written.active == account.active && as_written.memberships == account.memberships &&
      as_written.attributes == account.attributes)
    return std::nullopt;
  std::string where;
  const json wanted = json::parse(account.attributes, nullptr, false);
  const json held = json::parse(as_written.attributes, nullptr, false);
  for (const Attribute& one : platform_.capabilities().schema.attributes) {
    if (where.empty() && at_path(wanted, one.path) != at_path(held, one.path)) where = "'" + one.path + "': ";
  }
  return AccountReader::Wrong{where + "a text or number that cannot be read", true};
}

std::string AccountObjects::key_of(const Account& account) const {
  const json held = json::parse(account.attributes, nullptr, false);
  const json& value = held.is_object() ? at_path(held, platform_.capabilities().natural_key) : held;
  return value.is_string() ? value.get<std::string>() : std::string();
}

AccountObjects::Likeness AccountObjects::likeness_of(const Account& account, const std::string& key) const {
  const Attribute* attribute = platform_.capabilities().schema.find(platform_.capabilities().natural_key);
  const json held = json::parse(account.attributes, nullptr, false);
  const json& value = at_path(held, platform_.capabilities().natural_key);
  if (attribute == nullptr || !attribute->readable) return Likeness::same;  // nobody can tell
  const std::string text = value.is_string() ? value.get<std::string>() : text_of(value);
  if (text == key || normalised(text, attribute->normalise) == normalised(key, attribute->normalise))
    return Likeness::same;
  constexpr Normalisation any{.trim = true, .lower = true, .nfc = true};
  return normalised(text, any) == normalised(key, any) ? Likeness::alike : Likeness::none;
}

}  // namespace usher::recipe
