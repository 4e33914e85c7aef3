#include "engine/pull/returned_accounts.hpp"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/pull/link_ends.hpp"
#include "state/model/normalise.hpp"
#include "state/model/operation.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

struct Ended {
  std::string person, account;
  bool ends_now = false;      // in this pull
  bool never_listed = false;  // no listing showed the account before this one
};

std::vector<Ended> ended_as_unseen(Database& database, PlatformId platform, const std::string& at) {
  std::vector<Ended> all;
  const StatementLoan select = database.connection().statement(
      "select person, account, max(ended_at) = ?3, "
      "not exists (select 1 from body where platform = ?1 and key = ended.key and died is not null) "
      "from ended_link as ended where platform = ?1 and why = ?2 and "
      "not exists (select 1 from link where platform = ?1 and key = ended.key) and "
      "not exists (select 1 from link where platform = ?1 and person = ended.person) "
      "group by person, account having julianday(max(ended_at)) > julianday(?3) - 7 order by max(ended_at) "
      "desc, person, account");
  select->bind(number(platform), was_not_listed, at);
  while (select->step())
    all.push_back({std::string(select->text(0)), std::string(select->text(1)), select->integer(2) != 0,
                   select->integer(3) != 0});
  return all;
}

/// The create of usher that made the account for this person, if one did.
std::optional<Operation> create_of(Database& database, const std::string& platform, const Ended& ended) {
  const StatementLoan select = database.connection().statement(
      "select detail from journal where platform = ?1 and account = ?2 and person = ?3 and kind = 'create' "
      "and "
      "state in ('done', 'owed') order by run desc limit 1");
  if (!select->bind(platform, ended.account, ended.person).step()) return std::nullopt;
  return operation_from_json(nlohmann::json::parse(select->text(0)));
}

/// The accounts that came with this generation, by the value of their natural key, as far as it is one of
/// these.
std::map<std::string, std::vector<std::string>> newcomers(Database& database, PlatformId platform,
                                                          std::uint64_t generation,
                                                          const std::string& natural_key,
                                                          const std::map<std::string, Ended>& keys) {
  std::map<std::string, std::vector<std::string>> all;
  const StatementLoan select = database.connection().statement(
      "select id, attributes from body where platform = ?1 and born = ?2 and died is null order by id");
  select->bind(number(platform), generation);
  while (select->step()) {
    const auto attributes = nlohmann::json::parse(select->text(1));
    const nlohmann::json& value = at_path(attributes, natural_key);
    if (value.is_string() && keys.contains(value.get<std::string>()))
      all[value.get<std::string>()].emplace_back(select->text(0));
  }
  return all;
}

bool is_free(Database& database, PlatformId platform, const std::string& person, const std::string& account) {
  Links links(database.connection());
  return !links.of_person(platform, person) &&
         !links.of_account(platform, database.fingerprints().of_id(account));
}

}  // namespace

void resume_links(Database& database, const std::string& platform, const std::string& natural_key,
                  std::uint64_t generation, const std::string& at) {
  const PlatformId id = database.platform(platform);
  Snapshots snapshots(database.connection());
  std::map<std::string, Ended>
      otherwise;  // by the key that usher wrote: perhaps they are there under another id
  for (const Ended& ended : ended_as_unseen(database, id, at)) {
    const auto shown = snapshots.find(id, database.fingerprints().of_id(ended.account));
    // What a listing showed before and shows again may come out of a backup, or be a stranger's.
    if (!ended.never_listed || (shown ? shown->generation != generation : !ended.ends_now)) continue;
    const auto create = create_of(database, platform, ended);
    if (!create || !create->after.contains(natural_key) || !create->after.at(natural_key).is_string())
      continue;
    const std::string key = create->after.at(natural_key).get<std::string>();
    if (shown && ended.account == key) continue;  // the id proves nothing: whoever gets the key gets it
    if (!shown) {
      otherwise.emplace(key, ended);
      continue;
    }
    if (at_path(nlohmann::json::parse(shown->account.attributes), natural_key) != key) continue;
    if (!is_free(database, id, ended.person, ended.account)) continue;
    record_links(database, platform, {{ended.person, ended.account, how_created(*create)}}, at);
    database.connection()
        .statement("delete from ended_link where platform = ?1 and person = ?2 and account = ?3 and why = ?4")
        ->run(number(id), ended.person, ended.account, was_not_listed);
  }
  if (otherwise.empty()) return;
  for (const auto& [key, accounts] : newcomers(database, id, generation, natural_key, otherwise)) {
    const Ended& ended = otherwise.at(key);
    if (accounts.size() != 1 || !is_free(database, id, ended.person, accounts.front())) continue;
    const auto create = create_of(database, platform, ended);
    record_links(database, platform, {{ended.person, accounts.front(), how_created(*create)}}, at);
  }
}

}  // namespace usher
