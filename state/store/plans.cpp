#include "state/store/plans.hpp"

namespace usher {

namespace {

StoredPlan plan(const Statement& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))};
}

}  // namespace

void Plans::put(const StoredPlan& plan) {
  Transaction transaction(connection_);
  connection_
      .statement(
          "insert into plan (digest, created_at, json) values (?1, ?2, ?3) "
          "on conflict do update set created_at = excluded.created_at")
      ->run(plan.digest, plan.created_at, plan.json);
  transaction.commit();
}

std::vector<std::string> Plans::find(std::string_view prefix) {
  std::vector<std::string> digests;
  const StatementLoan select = connection_.statement(
      "select digest from plan where substr(digest, 1, length(?1)) = ?1 order by digest");
  select->bind(prefix);
  while (select->step()) digests.emplace_back(select->text(0));
  return digests;
}

std::optional<StoredPlan> Plans::load(std::string_view digest) {
  const StatementLoan select =
      connection_.statement("select digest, created_at, json from plan where digest = ?1");
  if (!select->bind(digest).step()) return std::nullopt;
  return plan(*select);
}

std::optional<StoredPlan> Plans::latest() {
  const StatementLoan select = connection_.statement(
      "select digest, created_at, json from plan order by created_at desc, rowid desc limit 1");
  if (!select->step()) return std::nullopt;
  return plan(*select);
}

}  // namespace usher
