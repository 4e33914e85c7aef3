#include "state/store/status.hpp"

#include <utility>

#include "state/store/holds.hpp"
#include "state/store/links.hpp"
#include "state/store/secret_spool.hpp"

namespace usher {

namespace {

std::string last_sealed_at(Connection& connection, PlatformId platform) {
  Statement find = connection.prepare("select max(ended_at) from snapshot where platform = ? and sealed = 1");
  find.bind(static_cast<std::int64_t>(platform));
  return find.step() && !find.null(0) ? std::string(find.text(0)) : std::string();
}
/// A run that was killed may have left a million.
constexpr std::size_t most_open_shown = 1000;

/// What undoes hold off as of `now`, by run.
std::vector<HeldOff> held_off(Connection& connection, std::string_view now) {
  std::map<std::int64_t, HeldOff> by_run;
  for (const auto& [part, hold] : Holds(connection).all(now)) {
    HeldOff& one = by_run[hold.run];
    one = {hold.run, hold.reason, hold.until, one.parts + 1};
  }
  std::vector<HeldOff> all;
  for (auto& [run, one] : by_run) all.push_back(std::move(one));
  return all;
}

/// Of the last plan of everybody, unless a run carried it out.
std::map<std::string, std::uint64_t> links_found(Connection& connection) {
  std::map<std::string, std::uint64_t> found;
  Statement select = connection.prepare(
      "select key, value from json_each((select case when exists (select 1 from run as later where "
      "later.id > last.id and later.plan = json_extract(last.summary, '$.plan')) then '{}' else "
      "json_extract(last.summary, '$.links') end from run as last where command = 'plan' and "
      "json_extract(summary, '$.links') is not null order by id desc limit 1))");
  while (select.step()) found[std::string(select.text(0))] = static_cast<std::uint64_t>(select.integer(1));
  return found;
}

}  // namespace

Status read_latest_status(Database& database, std::string_view now) {
  Status status = read_status(database, 0, now);
  status.runs = Journal(database.connection()).latest_runs();
  return status;
}

Status read_status(Database& database, std::size_t runs, std::string_view now) {
  Connection& connection = database.connection();
  Snapshots snapshots(connection);
  Links links(connection);
  Journal journal(connection);
  Status status;
  status.state = database.file().string();
  for (PlatformState& platform : snapshots.platforms()) {
    const std::uint64_t linked = links.count(platform.platform);
    const std::string sealed_at = last_sealed_at(connection, platform.platform);
    status.platforms.push_back({std::move(platform), linked, sealed_at});
  }
  status.runs = journal.runs(runs);
  status.open = journal.open(most_open_shown);
  status.open_operations = journal.open_operations();
  status.secrets = SecretSpool::waiting(SecretSpool::beside(database.file()));
  status.offboarded = OffboardedPeople(connection).all(now);
  status.held_off = held_off(connection, now);
  status.links_found = links_found(connection);
  return status;
}

}  // namespace usher
