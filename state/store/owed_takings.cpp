#include "state/store/owed_takings.hpp"

namespace usher {

void OwedTakings::put(const Operation& operation) {
  connection_.statement("insert or replace into owed_taking values (?1, ?2)")
      ->run(operation.id, to_json(operation).dump());
}

void OwedTakings::forget(std::string_view operation) {
  connection_.statement("delete from owed_taking where operation = ?1")->run(operation);
}

std::vector<Operation> OwedTakings::all() {
  std::vector<Operation> owed;
  const StatementLoan select = connection_.statement("select detail from owed_taking order by operation");
  while (select->step()) owed.push_back(operation_from_json(nlohmann::json::parse(select->text(0))));
  return owed;
}

}  // namespace usher
