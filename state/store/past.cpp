#include "state/store/past.hpp"

#include <nlohmann/json.hpp>

#include "state/model/operation.hpp"

namespace usher {

namespace {

#define USHER_PAST_COLUMNS "born, died, active, id, attributes, memberships"
#define USHER_ENTRY_COLUMNS                                                                                \
  "run, seq, operation, platform, kind, person, account, label, detail, state, sent_at, ended_at, message" \
  " from journal"

AccountVersion version(const Statement& row) {
  AccountVersion one;
  one.born = static_cast<std::uint64_t>(row.integer(0));
  if (!row.null(1)) one.died = static_cast<std::uint64_t>(row.integer(1));
  one.account.active = row.integer(2) != 0;
  one.account.id = row.text(3);
  one.account.attributes = row.text(4);
  one.account.memberships = row.text(5);
  return one;
}

JournalEntry journal_entry(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return {row.integer(0), row.integer(1), text(2), text(3), text(4),
          text(5),        text(6),        text(7), text(8), operation_state(row.text(9)),
          text(10),       text(11),       text(12)};
}

std::vector<JournalEntry> entries(Statement& select) {
  std::vector<JournalEntry> found;
  while (select.step()) found.push_back(journal_entry(select));
  return found;
}

bool gives(const JournalEntry& create, std::string_view kind, std::string_view entitlement) {
  const auto detail = nlohmann::json::parse(create.detail);
  const auto given = detail.find("gives");
  if (given == detail.end()) return false;
  for (const auto& one : *given) {
    if (one.at("kind") == kind && one.at("entitlement") == entitlement) return true;
  }
  return false;
}

std::vector<JournalEntry> without_other_creates(std::vector<JournalEntry> found, std::string_view kind,
                                                std::string_view entitlement) {
  std::erase_if(found, [&](const JournalEntry& entry) {
    return entry.kind == "create" && !gives(entry, kind, entitlement);
  });
  return found;
}

}  // namespace

std::vector<AccountVersion> Past::versions(PlatformId platform, const Fingerprint& key) {
  std::vector<AccountVersion> found;
  {
    Statement select = connection_.prepare("select " USHER_PAST_COLUMNS
                                           " from body where platform = ?1 and key = ?2 and died is not null "
                                           "order by row");
    select.bind(number(platform), key);
    while (select.step()) found.push_back(version(select));
  }
  if (const auto living = Snapshots(connection_).find(platform, key))
    found.push_back({living->account, living->generation, std::nullopt});
  return found;
}

std::optional<Account> Past::as_of(PlatformId platform, const Fingerprint& key, std::uint64_t generation) {
  for (const AccountVersion& one : versions(platform, key)) {
    if (one.born <= generation && (!one.died || *one.died > generation)) return one.account;
  }
  return std::nullopt;
}

void Past::for_each_member_version(PlatformId platform, std::string_view kind, std::string_view entitlement,
                                   std::optional<std::uint64_t> generation,
                                   const std::function<void(const AccountVersion&)>& visit) {
  constexpr std::uint64_t every = ~std::uint64_t{0} >> 1;
  Statement select =
      connection_.prepare("select " USHER_PAST_COLUMNS
                          " from body where row between ?1 and (select last_row from platform where id = ?2) "
                          "and (?4 = ?5 or (born <= ?4 and (died is null or died > ?4))) "
                          "and instr(memberships, ?3) > 0");
  const std::string quoted = nlohmann::json(entitlement).dump();
  select.bind(first_row(platform), number(platform), quoted, generation.value_or(every), every);
  while (select.step()) {
    const AccountVersion one = version(select);
    const auto edges = nlohmann::json::parse(one.account.memberships);
    const auto held = edges.find(std::string(kind));
    if (held != edges.end() && held->contains(std::string(entitlement))) visit(one);
  }
}

void Past::for_each_version_between(PlatformId platform, std::uint64_t from, std::uint64_t to,
                                    const std::function<void(const AccountVersion&)>& visit) {
  // Rows are numbered as they come: those after the last one of `from` came after it.
  Statement came = connection_.prepare(
      "select " USHER_PAST_COLUMNS
      " from body where row > (select last_row from snapshot where platform = ?1 and generation = ?2) "
      "and row <= (select last_row from snapshot where platform = ?1 and generation = ?3)");
  came.bind(number(platform), from, to);
  while (came.step()) visit(version(came));
  Statement went = connection_.prepare(
      "select " USHER_PAST_COLUMNS
      " from body where platform = ?1 and died > ?2 and died <= ?3 and died is not null and born <= ?2");
  went.bind(number(platform), from, to);
  while (went.step()) visit(version(went));
}

std::map<std::uint64_t, PullTimes> Past::pulls(PlatformId platform) {
  std::map<std::uint64_t, PullTimes> found;
  Statement select =
      connection_.prepare("select generation, started_at, ended_at from snapshot where platform = ?1");
  select.bind(number(platform));
  while (select.step())
    found[static_cast<std::uint64_t>(select.integer(0))] = {std::string(select.text(1)),
                                                            std::string(select.text(2))};
  return found;
}

std::uint64_t Past::generation_at(PlatformId platform, std::string_view time) {
  const StatementLoan select = connection_.statement(
      "select coalesce(max(generation), 0) from snapshot where platform = ?1 and ended_at <= ?2");
  select->bind(number(platform), time).step();
  return static_cast<std::uint64_t>(select->integer(0));
}

bool Past::had_links(PlatformId platform) {
  const StatementLoan select = connection_.statement(
      "select exists (select 1 from link where platform = ?1) or "
      "exists (select 1 from ended_link where platform = ?1)");
  return select->bind(number(platform)).step() && select->integer(0) != 0;
}

void OperationCounts::add(const OperationCounts& other) {
  given += other.given;
  changed += other.changed;
  taken += other.taken;
  failed += other.failed;
  open += other.open;
  skipped += other.skipped;
}

std::vector<RunCounts> Past::runs(std::size_t limit) {
  std::vector<RunCounts> found;
  for (RunState& run : Journal(connection_).runs(limit)) found.push_back({std::move(run), {}});
  for (RunCounts& one : found) {
    const StatementLoan select = connection_.statement(
        "select kind, state, platform, count(*) from journal where run = ?1 group by kind, state, platform");
    select->bind(one.run.id);
    while (select->step()) {
      const OperationKind kind = operation_kind(select->text(0));
      const OperationState state = operation_state(select->text(1));
      OperationCounts& counts = one.platforms[std::string(select->text(2))];
      const auto count = static_cast<std::uint64_t>(select->integer(3));
      const bool gives = kind == OperationKind::create || kind == OperationKind::enable ||
                         kind == OperationKind::unlock || kind == OperationKind::add_membership;
      if (state == OperationState::done) {
        (takes_away(kind) ? counts.taken : gives ? counts.given : counts.changed) += count;
      } else if (state == OperationState::failed) {
        counts.failed += count;
      } else if (state == OperationState::skipped) {
        counts.skipped += count;
      } else {
        counts.open += count;
      }
    }
  }
  return found;
}

std::vector<JournalEntry> Past::last_run_of(std::string_view platform, std::string_view person) {
  const StatementLoan select = connection_.statement(
      "select " USHER_ENTRY_COLUMNS
      " where person = ?2 and platform = ?1 and run = (select max(run) from journal where person = ?2 and "
      "platform = ?1) order by seq");
  select->bind(platform, person);
  return entries(*select);
}

std::string Past::last_sent_at(std::string_view platform, std::string_view person) {
  const StatementLoan select = connection_.statement(
      "select coalesce(max(sent_at), '') from journal where person = ?2 and platform = ?1");
  select->bind(platform, person);
  return select->step() ? std::string(select->text(0)) : std::string();
}

std::vector<JournalEntry> Past::operations_of_person(std::string_view person) {
  Statement select =
      connection_.prepare("select " USHER_ENTRY_COLUMNS " where person = ?1 order by run, seq");
  select.bind(person);
  return entries(select);
}

std::vector<JournalEntry> Past::operations_of_account(std::string_view platform, std::string_view account) {
  Statement select = connection_.prepare("select " USHER_ENTRY_COLUMNS
                                         " where platform = ?1 and account = ?2 order by run, seq");
  select.bind(platform, account);
  return entries(select);
}

std::vector<JournalEntry> Past::writes_of_values(std::string_view platform, std::string_view account) {
  const StatementLoan select = connection_.statement(
      "select " USHER_ENTRY_COLUMNS
      " where platform = ?1 and account = ?2 and kind in ('create', 'update') order by run, seq");
  select->bind(platform, account);
  return entries(*select);
}

std::vector<JournalEntry> Past::operations_on(std::string_view platform, std::string_view kind,
                                              std::string_view entitlement) {
  // Two selects, each with an index of its own: operations on memberships, and creates that come with some.
  Statement select = connection_.prepare(
      "select " USHER_ENTRY_COLUMNS
      " where platform = ?1 and json_extract(detail, '$.membership.entitlement') = ?2 and kind in "
      "('add-membership', 'change-membership', 'remove-membership') "
      "and json_extract(detail, '$.membership.kind') = ?3 "
      "union all select " USHER_ENTRY_COLUMNS
      " where platform = ?1 and kind = 'create' and json_extract(detail, '$.gives') is not null "
      "and instr(detail, ?2) > 0 order by run, seq");
  select.bind(platform, entitlement, kind);
  return without_other_creates(entries(select), kind, entitlement);
}

std::vector<JournalEntry> Past::operations_on(std::string_view platform, std::string_view kind,
                                              std::string_view entitlement, std::string_view account) {
  Statement select = connection_.prepare(
      "select " USHER_ENTRY_COLUMNS
      " where platform = ?1 and account = ?4 and (kind = 'create' or "
      "(json_extract(detail, '$.membership.entitlement') = ?2 and json_extract(detail, '$.membership.kind') "
      "= ?3)) order by run, seq");
  select.bind(platform, entitlement, kind, account);
  return without_other_creates(entries(select), kind, entitlement);
}

void Past::for_each_written(std::string_view platform, std::string_view since, std::int64_t run,
                            const std::function<void(const JournalEntry&)>& visit) {
  Statement select = connection_.prepare(
      "select " USHER_ENTRY_COLUMNS
      " where run between (select coalesce(min(id), 0) from run where ended_at is null or ended_at >= ?2) "
      "and ?3 and platform = ?1 and sent_at >= ?2 order by run, seq");
  select.bind(platform, since, run);
  while (select.step()) visit(journal_entry(select));
}

std::vector<std::string> Past::kinds_of(std::string_view platform, std::string_view entitlement) {
  std::vector<std::string> kinds;
  Statement select = connection_.prepare(
      "select distinct json_extract(detail, '$.membership.kind') from journal where platform = ?1 and "
      "json_extract(detail, '$.membership.entitlement') = ?2 and kind in "
      "('add-membership', 'change-membership', 'remove-membership')");
  select.bind(platform, entitlement);
  while (select.step()) kinds.emplace_back(select.text(0));
  return kinds;
}

}  // namespace usher
