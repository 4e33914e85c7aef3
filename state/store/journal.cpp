#include "state/store/journal.hpp"

#include <nlohmann/json.hpp>

#include "state/model/named.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/run_chain.hpp"

namespace usher {

namespace {

#define USHER_JOURNAL_COLUMNS                                                                       \
  "run, seq, operation, platform, kind, person, account, label, detail, state, sent_at, ended_at, " \
  "message, written, ended_in from journal"
#define USHER_RUN_COLUMNS                                                                         \
  "id, command, started_at, ended_at, exit_code, plan, summary, actor, host, arguments, reason, " \
  "configuration, program, chain from run"

JournalEntry entry(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return {row.integer(0), row.integer(1),
          text(2),        text(3),
          text(4),        text(5),
          text(6),        text(7),
          text(8),        operation_state(row.text(9)),
          text(10),       text(11),
          text(12),       static_cast<std::uint64_t>(row.integer(13)),
          row.integer(14)};
}

RunState run_state(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  RunState state{row.integer(0), text(1), text(2), text(3),  std::nullopt, text(5),  text(6),
                 text(7),        text(8), text(9), text(10), text(11),     text(12), text(13)};
  if (!row.null(4)) state.exit_code = static_cast<int>(row.integer(4));
  return state;
}

std::vector<RunState> run_states(Statement& rows) {
  std::vector<RunState> runs;
  while (rows.step()) runs.push_back(run_state(rows));
  return runs;
}

}  // namespace

JournalEntry planned_entry(std::int64_t seq, const Operation& operation) {
  JournalEntry entry;
  entry.seq = seq;
  entry.operation = operation.id;
  entry.platform = operation.platform;
  entry.kind = to_string(operation.kind);
  entry.person = operation.person;
  entry.account = operation.account;
  entry.label = operation.label;
  append_json(entry.detail, operation);
  return entry;
}

const char* to_string(OperationState state) {
  switch (state) {
    case OperationState::planned:
      return "planned";
    case OperationState::sent:
      return "sent";
    case OperationState::done:
      return "done";
    case OperationState::failed:
      return "failed";
    case OperationState::unknown:
      return "unknown";
    case OperationState::skipped:
      return "skipped";
    case OperationState::owed:
      return "owed";
  }
  return "";
}

OperationState operation_state(std::string_view name) {
  if (const auto state = named<OperationState>(name)) return *state;
  throw StoreError(StoreErrorKind::corrupt,
                   "the journal holds an operation in the unknown state '" + std::string(name) + "'");
}

std::int64_t Journal::begin_run(std::string_view command, std::string_view at, const RunOrigin& origin) {
  Transaction transaction(connection_);
  const StatementLoan insert = connection_.statement(
      "insert into run (command, started_at, actor, host, arguments, reason, configuration, program) "
      "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) returning id");
  insert
      ->bind(command, at, origin.actor, origin.host, origin.arguments, origin.reason, origin.configuration,
             origin.program)
      .step();
  const std::int64_t run = insert->integer(0);
  insert->reset();
  transaction.commit();
  return run;
}

void Journal::end_run(std::int64_t run, int exit_code, std::string_view summary, std::string_view at) {
  Transaction transaction(connection_);
  connection_.statement("update run set exit_code = ?2, summary = ?3, ended_at = ?4 where id = ?1")
      ->run(run, exit_code, summary, at);
  connection_.statement("update run set chain = ?2 where id = ?1")->run(run, chain_of(connection_, run));
  transaction.commit();
}

std::vector<RunState> Journal::runs(std::size_t limit) {
  const StatementLoan select =
      connection_.statement("select " USHER_RUN_COLUMNS " order by id desc limit ?1");
  return run_states(select->bind(limit));
}

std::vector<RunState> Journal::runs_of(std::string_view command) {
  const StatementLoan select =
      connection_.statement("select " USHER_RUN_COLUMNS " where command = ?1 order by id");
  return run_states(select->bind(command));
}

std::vector<RunState> Journal::latest_runs() {
  const StatementLoan select = connection_.statement(
      "select " USHER_RUN_COLUMNS
      " where id in (select max(id) from run where ended_at is not null and exit_code is not null group by "
      "command) or id = (select id from run where json_valid(summary) and json_type(summary, "
      "'$.operations') = 'object' order by id desc limit 1) order by id desc");
  return run_states(select->bind());
}

std::optional<RunState> Journal::run(std::int64_t run) {
  const StatementLoan select = connection_.statement("select " USHER_RUN_COLUMNS " where id = ?1");
  if (!select->bind(run).step()) return std::nullopt;
  return run_state(*select);
}

std::vector<RunState> Journal::link_runs() {
  const StatementLoan select = connection_.statement(
      "select " USHER_RUN_COLUMNS
      " where command in ('link', 'unlink', 'relink') and ended_at is not null order by id");
  return run_states(select->bind());
}

void Journal::plan(std::int64_t run, std::string_view plan_digest, std::span<const JournalEntry> entries) {
  Transaction transaction(connection_);
  connection_.statement("update run set plan = ?2 where id = ?1")->run(run, plan_digest);
  {
    const StatementLoan insert = connection_.statement(
        "insert into journal (run, seq, operation, platform, kind, person, account, label, detail, state) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'planned')");
    for (const JournalEntry& entry : entries) {
      insert->run(run, entry.seq, entry.operation, entry.platform, entry.kind, entry.person, entry.account,
                  entry.label, entry.detail);
    }
  }
  transaction.commit();
}

void Journal::mark_sent(std::int64_t run, std::span<const std::int64_t> seqs, std::string_view at) {
  Transaction transaction(connection_);
  for (const std::int64_t seq : seqs) {
    connection_
        .statement(
            "update platform set written_at = ?3, writes = writes + 1 where name = "
            "(select platform from journal where run = ?1 and seq = ?2)")
        ->run(run, seq, at);
    connection_
        .statement(
            "update journal set state = 'sent', sent_at = ?3, written = coalesce((select writes from "
            "platform "
            "where name = journal.platform), 0) where run = ?1 and seq = ?2")
        ->run(run, seq, at);
  }
  transaction.commit();
}

void Journal::mark_ended(std::int64_t run, std::span<const OperationOutcome> endings, std::string_view at,
                         std::int64_t ended_in) {
  Transaction transaction(connection_);
  for (const OperationOutcome& ending : endings) {
    connection_
        .statement(
            "update journal set state = ?3, ended_at = ?4, message = ?5, ended_in = ?7, "
            "account = case when ?6 = '' then account else ?6 end where run = ?1 and seq = ?2")
        ->run(run, ending.seq, to_string(ending.state), at, ending.message, ending.account,
              ended_in == 0 ? run : ended_in);
  }
  transaction.commit();
}

void Journal::for_each_operation(std::int64_t run, const std::function<void(const JournalEntry&)>& visit) {
  Statement select = connection_.prepare("select " USHER_JOURNAL_COLUMNS " where run = ?1 order by seq");
  select.bind(run);
  while (select.step()) visit(entry(select));
}

void Journal::skip_unsent_before(std::int64_t run, std::string_view at) {
  Transaction transaction(connection_);
  connection_
      .statement(
          "update journal set state = 'skipped', ended_at = ?2, ended_in = ?1, "
          "message = 'the run ended before it was sent' where state = 'planned' and run < ?1")
      ->run(run, at);
  transaction.commit();
}

std::vector<JournalEntry> Journal::owed() {
  std::vector<JournalEntry> entries;
  const StatementLoan select =
      connection_.statement("select " USHER_JOURNAL_COLUMNS " where state = 'owed' order by run, seq");
  while (select->step()) entries.push_back(entry(*select));
  return entries;
}

std::vector<JournalEntry> Journal::uncertain_before(std::int64_t run) {
  std::vector<JournalEntry> entries;
  const StatementLoan select = connection_.statement("select " USHER_JOURNAL_COLUMNS
                                                     " where state in ('sent', 'unknown') and run < ?1 "
                                                     "order by run, seq");
  select->bind(run);
  while (select->step()) entries.push_back(entry(*select));
  return entries;
}

std::vector<JournalEntry> Journal::sent_after(std::int64_t run, std::string_view person) {
  std::vector<JournalEntry> entries;
  const StatementLoan select = connection_.statement("select " USHER_JOURNAL_COLUMNS
                                                     " where person = ?2 and run > ?1 and state in "
                                                     "('sent', 'done', 'unknown', 'owed') order by run, seq");
  select->bind(run, person);
  while (select->step()) entries.push_back(entry(*select));
  return entries;
}

OpenOperations Journal::open_operations() {
  const StatementLoan select = connection_.statement(
      "select coalesce(sum(state = 'planned'), 0), coalesce(sum(state <> 'planned'), 0) from journal "
      "where state in ('planned', 'sent', 'unknown')");
  select->bind().step();
  return {static_cast<std::uint64_t>(select->integer(0)), static_cast<std::uint64_t>(select->integer(1))};
}

std::vector<JournalEntry> Journal::open(std::size_t limit) {
  std::vector<JournalEntry> entries;
  const StatementLoan select = connection_.statement("select " USHER_JOURNAL_COLUMNS
                                                     " where state in ('planned', 'sent', 'unknown') "
                                                     "order by run, seq limit ?1");
  select->bind(limit);
  while (select->step()) entries.push_back(entry(*select));
  return entries;
}

bool Journal::links_were_changed_since(std::string_view at) {
  const StatementLoan select = connection_.statement(
      "select exists (select 1 from run where command in ('link', 'unlink', 'relink', 'undo') "
      "and (ended_at is null or ended_at >= ?1))");
  select->bind(at).step();
  return select->integer(0) != 0;
}

std::vector<EarlierOutcome> Journal::earlier_outcomes(std::string_view plan, std::int64_t run) {
  std::vector<EarlierOutcome> outcomes;
  const StatementLoan select = connection_.statement(
      "select seq, journal.state, run, account from journal join run on run.id = run "
      "where run.plan = ?1 and run.id < ?2 order by seq, run");
  select->bind(plan, run);
  while (select->step()) {
    EarlierOutcome outcome{select->integer(0), operation_state(select->text(1)), select->integer(2),
                           std::string(select->text(3))};
    if (outcomes.empty() || outcomes.back().seq != outcome.seq) {
      outcomes.push_back(std::move(outcome));
    } else if (outcomes.back().state != OperationState::done) {
      outcomes.back() = std::move(outcome);
    }
  }
  return outcomes;
}

std::uint64_t Journal::writes_of(std::string_view plan, std::string_view platform, std::uint64_t since) {
  const StatementLoan select = connection_.statement(
      "select count(*) from journal join run on run.id = run "
      "where run.plan = ?1 and platform = ?2 and written > ?3");
  select->bind(plan, platform, since).step();
  return static_cast<std::uint64_t>(select->integer(0));
}

std::uint64_t Journal::written_since(std::string_view platform, std::uint64_t since) {
  const StatementLoan select =
      connection_.statement("select count(*) from journal where platform = ?1 and written > ?2");
  select->bind(platform, since).step();
  return static_cast<std::uint64_t>(select->integer(0));
}

void Journal::for_each_written_since(std::string_view platform, std::uint64_t since,
                                     const std::function<void(const JournalEntry&)>& visit) {
  Statement select = connection_.prepare("select " USHER_JOURNAL_COLUMNS
                                         " where platform = ?1 and written > ?2 order by written");
  select.bind(platform, since);
  while (select.step()) visit(entry(select));
}

}  // namespace usher
