#include "state/store/run_chain.hpp"

#include <utility>

#include "state/model/sha256.hpp"
#include "state/store/error.hpp"
#include "state/store/plans.hpp"
#include "state/store/retention.hpp"

namespace usher {

namespace {

/// Adds the columns of rows so that no two rows make the same bytes.
void add_rows(Sha256& digest, Statement& rows, int columns) {
  while (rows.step()) {
    for (int column = 0; column < columns; ++column) {
      const bool null = rows.null(column);
      const std::string_view text = null ? std::string_view() : rows.text(column);
      digest.add((null ? "-" : std::to_string(text.size())) + ":");
      digest.add(text);
    }
    digest.add("\n");
  }
}

/// The last run before this one that has a chain; 0 and the empty chain: none.
std::pair<std::int64_t, std::string> before(Connection& connection, std::int64_t run) {
  Statement select =
      connection.prepare("select id, chain from run where id < ?1 and chain <> '' order by id desc limit 1");
  select.bind(run);
  if (!select.step()) return {};
  return {select.integer(0), std::string(select.text(1))};
}

/// How many of the runs between two are not remembered.
std::uint64_t missing_between(Connection& connection, std::int64_t from, std::int64_t to) {
  Statement select = connection.prepare("select count(*) from run where id > ?1 and id < ?2");
  select.bind(from, to);
  select.step();
  return static_cast<std::uint64_t>(to - from - 1 - select.integer(0));
}

/// What is wrong with a plan that the state keeps; empty: nothing, or it keeps it no more.
std::string fault_of_plan(Connection& connection, const std::string& plan) {
  try {
    const auto stored = Plans(connection).load(plan);
    return stored && sha256(stored->content) != plan ? "was altered" : "";
  } catch (const StoreError& error) {
    if (error.kind() != StoreErrorKind::corrupt) throw;
    return std::string("was altered or is damaged (") + error.what() +
           "): it can be neither shown nor applied, and a backup of the state still has it";
  }
}

}  // namespace

std::string chain_of(Connection& connection, std::int64_t run) {
  const auto [last, chain] = before(connection, run);
  Sha256 digest;
  digest.add(chain + "\n");
  Statement runs = connection.prepare(
      "select cast(id as text), command, started_at, ended_at, cast(exit_code as text), plan, summary, "
      "actor, "
      "host, arguments, reason, configuration, program from run where id > ?1 and id <= ?2 order by id");
  runs.bind(last, run);
  add_rows(digest, runs, 13);
  Statement operations = connection.prepare(
      "select cast(run as text), cast(seq as text), operation, platform, kind, person, account, label, "
      "detail, "
      "state, sent_at, ended_at, message, cast(written as text) from journal "
      "where ((run = ?1 and ended_in = ?1) or (ended_in > run and ended_in = ?1)) "
      "and state in ('done', 'failed', 'skipped') order by run, seq");
  operations.bind(run);
  add_rows(digest, operations, 14);
  return digest.hex();
}

ChainCheck check_chain(Connection& connection) {
  ChainCheck check;
  std::int64_t newest = 0;
  {
    Statement select = connection.prepare("select coalesce(max(id), 0) from run");
    select.step();
    newest = select.integer(0);
  }
  Statement runs = connection.prepare("select id, chain, plan from run where chain <> '' order by id");
  while (runs.step()) {
    const std::int64_t run = runs.integer(0);
    const std::string chain(runs.text(1)), plan(runs.text(2));
    if (check.first == 0) check.first = run;
    const std::uint64_t missing = missing_between(connection, check.last, run);
    const bool removed_in_time = newest - (run - 1) >= static_cast<std::int64_t>(Retention{}.runs);
    if (missing > 0 && !removed_in_time) {
      check.breaks.push_back({run, std::to_string(missing) + (missing == 1 ? " run" : " runs") +
                                       " before it " + (missing == 1 ? "is" : "are") +
                                       " missing, and too young to be removed"});
    } else if (missing == 0 && chain != chain_of(connection, run)) {
      check.breaks.push_back(
          {run, "what it did, or a run before it, is not what was recorded when it ended"});
    }
    if (!plan.empty()) {
      if (const std::string fault = fault_of_plan(connection, plan); !fault.empty())
        check.breaks.push_back({run, "its plan " + plan.substr(0, 12) + " " + fault});
    }
    check.last = run;
    check.chain = chain;
    ++check.runs;
  }
  return check;
}

}  // namespace usher
