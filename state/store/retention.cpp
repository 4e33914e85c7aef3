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
  select->bind(platform, retention.snapshots, now, retention.history_days).step();
  return select->integer(0) + 1;
}

void prune_platform(Connection& connection, std::int64_t platform, const Retention& retention,
                    std::string_view now, Pruned& pruned) {
  const std::int64_t oldest = oldest_kept(connection, platform, retention, now);
  connection.statement("delete from body where platform = ?1 and died <= ?2")->run(platform, oldest);
  pruned.versions += changes(connection);
  connection.statement("delete from snapshot where platform = ?1 and generation < ?2")->run(platform, oldest);
  pruned.snapshots += changes(connection);
  connection
      .statement(
          "delete from former_entitlement where platform = ?1 and julianday(until) < julianday(?2) - max(?3, "
          "?4) and until < (select min(ended_at) from snapshot where platform = ?1)")
      ->run(platform, now, retention.run_days, retention.history_days);
}

/// What each run may be pruned by: whether it sent something, whether something of it is open.
void prune_runs(Connection& connection, const Retention& retention, std::string_view now, Pruned& pruned) {
  // Operations first: they refer to their run.
  constexpr std::string_view old_operations =
      "delete from journal where run in (select id from run where id <= (select max(id) from run) - ?1 "
      "and julianday(started_at) < julianday(?2) - max(?3, ?4) and not exists (select 1 from journal as open "
      "where open.run = run.id and open.state in ('planned', 'sent', 'unknown', 'owed')) "
      // What a later run settled is in the chain of that one.
      "and not exists (select 1 from journal as late join run as ender on ender.id = late.ended_in "
      "where late.run = run.id and late.ended_in > late.run and (ender.id > (select max(id) from run) - ?1 "
      "or julianday(ender.started_at) >= julianday(?2) - max(?3, ?4))))";
  constexpr std::string_view old_runs =
      "delete from run where id <= (select max(id) from run) - ?1 and julianday(started_at) < julianday(?2) "
      "- ?3 and not exists (select 1 from journal where journal.run = run.id)";
  connection.statement(old_operations)->run(retention.runs, now, retention.run_days, retention.history_days);
  connection.statement(old_runs)->run(retention.runs, now, retention.run_days);
  pruned.runs = changes(connection);
}

void prune_plans(Connection& connection, const Retention& retention, Pruned& pruned) {
  connection
      .statement(
          "delete from plan where digest not in (select plan from run) and digest not in "
          "(select digest from plan order by created_at desc, id desc limit ?1)")
      ->run(retention.plans);
  pruned.plans = changes(connection);
  connection
      .statement(
          "with sized as (select id, digest, created_at, "
          "  (select coalesce(sum(length(content)), 0) from plan_part where plan = plan.id) as bytes from "
          "plan), "
          "newest_first as (select id, digest, sum(bytes) over (order by created_at desc, id desc) as total, "
          "  row_number() over (order by created_at desc, id desc) as place from sized) "
          "delete from plan where id in (select id from newest_first where total > ?1 and place > 1 "
          "and not exists (select 1 from run join journal on journal.run = run.id "
          "where run.plan = newest_first.digest))")
      ->run(retention.plan_bytes);
  pruned.plans += changes(connection);
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

  prune_runs(connection, retention, now, pruned);
  prune_plans(connection, retention, pruned);
  transaction.commit();
  return pruned;
}

}  // namespace usher
