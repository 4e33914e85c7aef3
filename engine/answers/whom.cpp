#include "engine/answers/whom.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/desired/text_search.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/normalise.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

constexpr std::size_t most_named = 5;
/// Of each slice: more than these are of more people than are named.
constexpr std::size_t most_looked_at = 100;

bool is_person(Inquiry& inquiry, const std::string& id) {
  Connection& connection = inquiry.database().connection();
  if (People(connection).find(inquiry.database().fingerprints().of_person(id))) return true;
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    if (!Links(connection).all_of(platform.platform, id, std::nullopt).empty()) return true;
  }
  return !Past(connection).operations_of_person(id).empty();
}

void add(std::vector<Whom::At>& accounts, const std::string& platform, const std::string& account) {
  const bool known = std::any_of(accounts.begin(), accounts.end(), [&](const Whom::At& one) {
    return one.platform == platform && one.account == account;
  });
  if (!known && !account.empty()) accounts.push_back({platform, account});
}

/// The accounts that a person was linked to once, also under the keys that they had before.
void add_earlier(Inquiry& inquiry, Whom& whom) {
  Connection& connection = inquiry.database().connection();
  const std::vector<PlatformState> platforms = Snapshots(connection).platforms();
  std::vector<std::string> keys{whom.person};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string key = keys[i];
    if (!whom.keys.insert(key).second) continue;
    for (const PlatformState& platform : platforms) {
      for (const RememberedLink& link : Links(connection).all_of(platform.platform, key, std::nullopt)) {
        add(whom.accounts, platform.name, link.account);
        if (link.how.kind == LinkOrigin::Kind::was) keys.push_back(link.how.by);
      }
    }
  }
}

Whom person_of(Inquiry& inquiry, const std::string& id) {
  Connection& connection = inquiry.database().connection();
  Whom whom{id, id, {}, {}};
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    const auto link = Links(connection).of_person(platform.platform, id);
    if (!link) continue;
    add(whom.accounts, platform.name, link->account);
    const auto account = Snapshots(connection).find(platform.platform, link->key);
    if (account && whom.label == id) whom.label = inquiry.label(platform.name, account->account);
  }
  add_earlier(inquiry, whom);
  for (const JournalEntry& entry : Past(connection).operations_of_person(id))
    add(whom.accounts, entry.platform, entry.account);
  std::stable_sort(whom.accounts.begin(), whom.accounts.end(),
                   [](const auto& a, const auto& b) { return a.platform < b.platform; });
  return whom;
}

Whom owner_of(Inquiry& inquiry, const PlatformState& platform, const Account& account) {
  Connection& connection = inquiry.database().connection();
  const Fingerprint key = inquiry.database().fingerprints().of_id(account.id);
  if (const auto link = Links(connection).of_account(platform.platform, key))
    return person_of(inquiry, link->person);
  return {"", inquiry.label(platform.name, account), {{platform.name, account.id}}, {}};
}

/// Looks through accounts and records for a text.
class Search {
 public:
  Search(Inquiry& inquiry, const std::string& who) : inquiry_(inquiry), wanted_(without_case(who)) {}

  std::vector<Whom> run() {
    Connection& connection = inquiry_.database().connection();
    for (const PlatformState& platform : Snapshots(connection).platforms()) {
      const Source* source = inquiry_.source(platform.name);
      const std::vector<std::string> paths = paths_of(platform.name);
      const auto is_it = [&](const AccountView& view) {
        const auto attributes = nlohmann::json::parse(view.attributes);
        return source != nullptr && source->is_file ? any_is(attributes) : is_at(attributes, paths);
      };
      for (const Account& account :
           accounts_that_hold(inquiry_.database(), platform.platform, wanted_, most_looked_at, is_it))
        found(platform, source, account);
    }
    return std::move(found_);
  }

 private:
  /// By what accounts of a platform are known.
  std::vector<std::string> paths_of(const std::string& platform) const {
    std::vector<std::string> paths;
    const auto connector = inquiry_.setup().connectors.find(platform);
    if (connector == inquiry_.setup().connectors.end()) return paths;
    paths = {connector->second->capabilities().label, connector->second->capabilities().natural_key};
    const auto rules = inquiry_.setup().config->accounts.find(platform);
    if (rules == inquiry_.setup().config->accounts.end()) return paths;
    for (const MatchRule& rule : rules->second.match) paths.push_back(rule.account);
    return paths;
  }

  bool is(const nlohmann::json& value) const {
    return value.is_string() && without_case(value.get_ref<const std::string&>()) == wanted_;
  }
  /// At any depth: a source bounds how deep its records are.
  bool any_is(const nlohmann::json& value) const {
    if (!value.is_structured()) return is(value);
    return std::any_of(value.begin(), value.end(), [&](const auto& member) { return any_is(member); });
  }
  bool is_at(const nlohmann::json& attributes, const std::vector<std::string>& paths) const {
    return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
      return !path.empty() && is(at_path(attributes, path));
    });
  }

  void found(const PlatformState& platform, const Source* source, const Account& account) {
    if (found_.size() > most_named) return;
    Whom whom;
    if (source != nullptr) {
      PeopleEvaluator people(inquiry_.input().rules->people(), inquiry_.input().now);
      SourceRecords records(inquiry_.database().connection(), inquiry_.input().sources);
      const auto record = records.find(inquiry_.database().fingerprints().of_id(account.id));
      std::string id = account.id;
      if (record) {
        const auto person = people.evaluate(record->text);
        if (person) id = std::string(person->id);
      }
      whom = person_of(inquiry_, id);
    } else {
      whom = owner_of(inquiry_, platform, account);
    }
    const std::string name = whom.person.empty() ? platform.name + "/" + account.id : whom.person;
    if (seen_.insert(name).second) found_.push_back(std::move(whom));
  }

  Inquiry& inquiry_;
  const std::string wanted_;
  std::set<std::string> seen_;
  std::vector<Whom> found_;
};

std::string name_of(const Whom& whom) {
  if (!whom.person.empty()) return whom.person;
  return whom.accounts.front().account + " on " + whom.accounts.front().platform;
}

/// An account with the id that was asked for.
struct AccountOfId {
  std::string platform;
  Whom whom;  ///< whose it is
};

/// Every account, also of earlier pulls, with that id on a platform that people have accounts on.
std::vector<AccountOfId> accounts_of_id(Inquiry& inquiry, const std::string& id) {
  std::vector<AccountOfId> found;
  Connection& connection = inquiry.database().connection();
  const Fingerprint key = inquiry.database().fingerprints().of_id(id);
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    if (inquiry.source(platform.name) != nullptr) continue;  // a record's key is not yet a person's
    const auto versions = Past(connection).versions(platform.platform, key);
    if (!versions.empty())
      found.push_back({platform.name, owner_of(inquiry, platform, versions.back().account)});
  }
  return found;
}

/// The one they all belong to. Throws CommandError(usage) when they belong to several, or to nobody on
/// several platforms.
Whom only_owner(const std::vector<AccountOfId>& accounts, const std::string& id) {
  const Whom& first = accounts.front().whom;
  const bool same = std::all_of(accounts.begin(), accounts.end(),
                                [&](const AccountOfId& one) { return name_of(one.whom) == name_of(first); });
  if (same) return first;
  std::vector<std::string> platforms;
  for (const AccountOfId& one : accounts) platforms.push_back(one.platform);
  throw CommandError(ExitCode::usage,
                     fmt::format("There are accounts '{}' on {}, and they are not of one person. "
                                 "Say which with --on PLATFORM.",
                                 id, fmt::join(platforms, ", ")));
}

}  // namespace

std::string without_case(std::string_view text) {
  return normalised(text, {.trim = true, .lower = true});
}

bool was_theirs(Inquiry& inquiry, const Whom& whom, const std::string& platform, const std::string& account,
                const std::string& time) {
  const auto id = inquiry.database().find_platform(platform);
  if (whom.person.empty() || !id) return true;
  Links links(inquiry.database().connection());
  const Fingerprint key = inquiry.database().fingerprints().of_id(account);
  if (const std::string holder = links.holder_at(*id, key, time); !holder.empty())
    return whom.keys.contains(holder);
  const std::vector<RememberedLink> all = links.all_of(*id, "", key);
  return std::none_of(all.begin(), all.end(), [&](const RememberedLink& link) {
    return !link.ended_at.empty() && link.ended_at <= time;
  });
}

Whom find_whom(Inquiry& inquiry, const std::string& who, const std::string& on) {
  if (is_person(inquiry, who)) return person_of(inquiry, who);
  std::vector<AccountOfId> accounts = accounts_of_id(inquiry, who);
  const auto elsewhere = [&](const AccountOfId& one) { return one.platform != on; };
  if (!std::all_of(accounts.begin(), accounts.end(), elsewhere)) std::erase_if(accounts, elsewhere);
  if (!accounts.empty()) return only_owner(accounts, who);
  std::vector<Whom> found = Search(inquiry, who).run();
  if (found.size() == 1) return std::move(found.front());
  if (found.empty())
    throw CommandError(
        ExitCode::usage,
        fmt::format("Nobody is known by '{}': it is neither the key of a person, nor the id or "
                    "label of an account of the last pulls, nor stands in a record. 'usher "
                    "pull' reads them anew.",
                    who));
  std::vector<std::string> names;
  for (const Whom& whom : found) names.push_back(name_of(whom));
  if (names.size() > most_named) names.back() = "and more";
  throw CommandError(ExitCode::usage, fmt::format("'{}' names several: {}. Give the key of one.", who,
                                                  fmt::join(names, ", ")));
}

}  // namespace usher
