#include "state/store/holds.hpp"

#include <sqlite3.h>

namespace usher {

void Holds::put(std::span<const Hold> holds) {
  Transaction transaction(connection_);
  for (const Hold& hold : holds) {
    connection_.statement("insert into hold (part, since, until, run, reason) values (?1, ?2, ?3, ?4, ?5)")
        ->run(hold.part, hold.since, hold.until, hold.run, hold.reason);
  }
  transaction.commit();
}

std::map<std::string, Hold> Holds::all(std::string_view now) {
  std::map<std::string, Hold> holds;
  const StatementLoan select = connection_.statement(
      "select part, since, until, run, reason from hold where ended_at is null and until > ?1 order by "
      "until");
  select->bind(now);
  while (select->step()) {
    std::string part(select->text(0));
    holds[part] = {part, std::string(select->text(1)), std::string(select->text(2)), select->integer(3),
                   std::string(select->text(4))};
  }
  return holds;
}

std::uint64_t Holds::end(std::int64_t run, std::string_view at) {
  Transaction transaction(connection_);
  connection_.statement("update hold set ended_at = ?2 where run = ?1 and ended_at is null and until > ?2")
      ->run(run, at);
  const auto ended = static_cast<std::uint64_t>(sqlite3_changes64(connection_.handle()));
  transaction.commit();
  return ended;
}

void Holds::end(std::int64_t run, const std::set<std::string>& parts, std::string_view at) {
  Transaction transaction(connection_);
  for (const std::string& part : parts) {
    connection_
        .statement(
            "update hold set ended_at = ?3 where run = ?1 and part = ?2 and ended_at is null and until > ?3")
        ->run(run, part, at);
  }
  transaction.commit();
}

}  // namespace usher
