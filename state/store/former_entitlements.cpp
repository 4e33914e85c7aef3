#include "state/store/former_entitlements.hpp"

namespace usher {

std::vector<Entitlement> former_entitlements(Connection& connection, PlatformId platform) {
  std::vector<Entitlement> found;
  const StatementLoan select = connection.statement(
      "select kind, id, name, scope from former_entitlement where platform = ?1 order by until, kind, id");
  select->bind(number(platform));
  const auto text = [&](int column) { return std::string(select->text(column)); };
  while (select->step()) found.push_back({text(0), text(1), text(2), text(3)});
  return found;
}

void remember_former(Connection& connection, PlatformId platform, const Entitlement& entitlement,
                     std::string_view until) {
  connection.statement("insert or replace into former_entitlement values (?1, ?2, ?3, ?4, ?5, ?6)")
      ->run(number(platform), entitlement.kind, entitlement.id, entitlement.name, entitlement.scope, until);
}

}  // namespace usher
