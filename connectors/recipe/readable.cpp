#include "connectors/canonical.hpp"
#include "connectors/json_repair.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "state/model/normalise.hpp"

// What of an account can be read, where single values of a reply cannot.
namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

// An account out of a reply that is read alone. What of its attributes cannot be read it goes without:
// `unreadable` says so.
Outcome<Account> RecipeConnector::account_of(const element& object, const element* marked, const Reply& reply,
                                             std::string& unreadable) const {
  const auto scratch = reader_->scratch();
  Account account;
  const auto wrong = reader_->read(object, account, *scratch);
  if (wrong && !wrong->attribute)
    return http::fail(FailureKind::malformed, caller_->clean(wrong->why), reply.shown);
  if (wrong) unreadable = caller_->clean(wrong->why);
  if (Account as_written; marked != nullptr && !wrong) {
    reader_->read(*marked, as_written, *scratch);
    if (as_written.attributes != account.attributes || as_written.memberships != account.memberships)
      unreadable = "a text or number that cannot be read";
  }
  return account;
}

// What of an account on a page is not as the platform wrote it.
std::optional<AccountReader::Wrong> RecipeConnector::difference(const Listed& listed, std::size_t number,
                                                                Account& account) const {
  element marked;
  if (listed.marked->at(number).get(marked) != simdjson::SUCCESS) return std::nullopt;
  Account as_written;
  element_at(marked, caller_->recipe().user.listings.front().object, marked);
  reader_->read(marked, as_written, *reader_->scratch());
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
  for (const Attribute& one : capabilities_.schema.attributes) {
    if (where.empty() && at_path(wanted, one.path) != at_path(held, one.path)) where = "'" + one.path + "': ";
  }
  return AccountReader::Wrong{where + "a text or number that cannot be read", true};
}

void RecipeConnector::leave_out_unmanaged(Account& account) const {
  if (account.memberships.size() <= 2) return;
  json held = json::parse(account.memberships, nullptr, false);
  for (const auto& [kind, id] : unmanaged_) {
    const auto edges = held.find(kind);
    if (edges == held.end()) continue;
    edges->erase(id);
    if (edges->empty()) held.erase(edges);
  }
  account.memberships = held.dump();
}

}  // namespace usher::recipe
