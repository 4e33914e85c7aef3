#include "state/store/refusals.hpp"

namespace usher {

void Refusals::put(std::string_view operation, const Refusal& refusal) {
  connection_.statement("insert or replace into refusal values (?1, ?2, ?3, ?4, ?5, ?6)")
      ->run(operation, refusal.platform, refusal.account, refusal.generation, refusal.at, refusal.message);
}

void Refusals::forget(std::string_view operation) {
  connection_.statement("delete from refusal where operation = ?1")->run(operation);
}

std::map<std::string, Refusal> Refusals::all(std::string_view since) {
  std::map<std::string, Refusal> found;
  const StatementLoan select = connection_.statement(
      "select operation, platform, digest, generation, at, message from refusal where at >= ?1");
  select->bind(since);
  while (select->step()) {
    Refusal refusal{std::string(select->text(1)), std::nullopt,
                    static_cast<std::uint64_t>(select->integer(3)), std::string(select->text(4)),
                    std::string(select->text(5))};
    if (!select->null(2)) refusal.account = select->fingerprint(2);
    found.emplace(select->text(0), std::move(refusal));
  }
  return found;
}

}  // namespace usher
