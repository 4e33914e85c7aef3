#include "state/store/retention.hpp"

#include <sqlite3.h>

#include <vector>

namespace usher {

namespace {

std::uint64_t changes(Connection& connection) {
  return static_cast<std::uint64_t>(sqlite3_changes64(connection.handle()));
}

/// The oldest generation a platform keeps: the last that is neither among the newest nor young enough bounds
/// it.
std::int64_t oldest_kept(Connection& connection, std::int64_t platform, const Retention& retention,
                         std::string_view now) {
  const StatementLoan select = connection.statement(
      "select coalesce(max(generation), 0) from snapshot where platform = ?1 "
      "and generation <= (select generation from platform where id = ?1) - ?2 "
      "and julianday(ended_at) < julianday(?3) - ?4");
  select->bind(platform, retention.snapshots, now, retention.days).step();
  return select->integer(0) + 1;
}

void prune_platform(Connection& connection, std::int64_t platform, const Retention& retention,
                    std::string_view now, Pruned& pruned) {
  const std::int64_t oldest = oldest_kept(connection, platform, retention, now);
  connection.statement("delete from body where platform = ?1 and died <= ?2")->run(platform, oldest);
  pruned.versions += changes(connection);
  connection.statement("delete from snapshot where platform = ?1 and generation < ?2")->run(platform, oldest);
  pruned.snapshots += changes(connection);
}

}  // namespace

Pruned prune(Connection& connection, const Retention& retention, std::string_view now) {
  std::vector<std::int64_t> platforms;
  {
    const StatementLoan select = connection.statement("select id from platform");
    while (select->step()) platforms.push_back(select->integer(0));
  }
  Pruned pruned;
  Transaction transaction(connection, Durability::lazy);
  for (const std::int64_t platform : platforms) prune_platform(connection, platform, retention, now, pruned);

  // Operations first: they refer to their run.
  constexpr std::string_view old_operations =
      "delete from journal where run in (select id from run where id <= (select max(id) from run) - ?1 "
      "and julianday(started_at) < julianday(?2) - ?3 and not exists (select 1 from journal as open "
      "where open.run = run.id and open.state in ('planned', 'sent', 'unknown', 'owed')))";
  constexpr std::string_view old_runs =
      "delete from run where id <= (select max(id) from run) - ?1 and julianday(started_at) < julianday(?2) "
      "- ?3 "
      "and not exists (select 1 from journal where journal.run = run.id)";
  connection.statement(old_operations)->run(retention.runs, now, retention.days);
  connection.statement(old_runs)->run(retention.runs, now, retention.days);
  pruned.runs = changes(connection);
  connection
      .statement(
          "delete from plan where digest not in (select plan from run) and digest not in "
          "(select digest from plan order by created_at desc, rowid desc limit ?1)")
      ->run(retention.plans);
  pruned.plans = changes(connection);
  transaction.commit();
  return pruned;
}

}  // namespace usher
