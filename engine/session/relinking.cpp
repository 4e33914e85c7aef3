#include "engine/session/relinking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/renumbering.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw CommandError(ExitCode::usage, why);
}

bool is_declared(Database& database, const std::string& person) {
  const auto row = People(database.connection()).find(database.fingerprints().of_person(person));
  return row && row->became.empty();
}

void expect_declared(Database& database, const std::string& person) {
  if (is_declared(database, person)) return;
  refuse(
      fmt::format("Nobody is declared under the key '{}', as of the last plan: where a source changed since, "
                  "run 'usher plan' first.",
                  person));
}

PlatformId platform_of(Database& database, const Workspace& setup, const std::string& platform) {
  connector_of(setup, platform);
  return database.platform(platform);
}

void expect_free(Database& database, const NewKey& person) {
  for (const HandedOn& account : accounts_to_hand_on(database, person.before, person.now)) {
    if (!account.taken) continue;
    refuse(
        fmt::format("{} has an account on {} already, so the account {} of {} cannot be theirs too: part one "
                    "of them with 'usher unlink' first.",
                    person.now, account.platform, account.account, person.before));
  }
}

}  // namespace

Relinked link_account(Database& database, const Workspace& setup, const std::string& person,
                      const std::string& account, const std::string& platform) {
  const PlatformId id = platform_of(database, setup, platform);
  expect_declared(database, person);
  const Fingerprint key = database.fingerprints().of_id(account);
  if (!Snapshots(database.connection()).find(id, key)) {
    refuse(fmt::format(
        "The last pull of {0} shows no account with the id '{1}'. 'usher pull {0}' reads it anew.", platform,
        account));
  }
  Links links(database.connection());
  const auto has = links.of_person(id, person);
  if (has && has->key != key) {
    refuse(fmt::format("{0} has the account {1} on {2}: 'usher unlink {0} --on {2}' parts them first.",
                       person, has->account, platform));
  }
  const auto holder = links.of_account(id, key);
  const bool others = holder && holder->person != person;
  if (others && is_declared(database, holder->person)) {
    refuse(fmt::format("The account {0} on {1} is that of {2}: 'usher unlink {2} --on {1}' parts them first.",
                       account, platform, holder->person));
  }
  const std::string was = others ? holder->person : std::string();
  record_links(database, platform, {{person, account, {LinkOrigin::Kind::by_hand}, was}}, now_text());
  database.forget_fact("desired");
  return {platform, account, person, was};
}

Relinked unlink_account(Database& database, const Workspace& setup, const std::string& person,
                        const std::string& platform) {
  const PlatformId id = platform_of(database, setup, platform);
  Links links(database.connection());
  const auto link = links.of_person(id, person);
  if (!link) refuse(fmt::format("'{}' has no account on {} that is remembered.", person, platform));
  links.end(id, person, parted_by_hand, now_text());
  database.forget_fact("desired");
  return {platform, link->account, "", person};
}

std::vector<Relinked> relink_people(Database& database, const std::vector<NewKey>& people) {
  std::vector<Relinked> accounts;
  const std::string at = now_text();
  for (const NewKey& person : people) {
    if (is_declared(database, person.before)) {
      refuse(
          fmt::format("'{}' is still declared, as of the last plan: where a source changed since, run 'usher "
                      "plan' first.",
                      person.before));
    }
    expect_declared(database, person.now);
    expect_free(database, person);
    const auto handed_on = accounts_to_hand_on(database, person.before, person.now);
    if (handed_on.empty()) refuse(fmt::format("'{}' has no account that is remembered.", person.before));
    renumber(database, person.before, person.now, at);
    for (const HandedOn& account : handed_on)
      accounts.push_back({account.platform, account.account, person.now, person.before});
  }
  return accounts;
}

std::string summary_of(const std::vector<Relinked>& accounts) {
  nlohmann::json all = nlohmann::json::array();
  for (const Relinked& one : accounts) {
    all.push_back(
        {{"platform", one.platform}, {"account", one.account}, {"person", one.person}, {"was", one.was}});
  }
  return nlohmann::json{{"links", all}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace usher
