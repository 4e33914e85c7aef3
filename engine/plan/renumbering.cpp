#include "engine/plan/renumbering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/desired/record_owners.hpp"
#include "state/store/links.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

std::string only_one(const std::map<std::string, std::vector<std::string>>& counterparts,
                     const std::string& person) {
  const auto found = counterparts.find(person);
  return found == counterparts.end() || found->second.size() != 1 ? std::string() : found->second.front();
}

bool has_found(const Plan& plan, const Target& target, const std::string& person) {
  return std::any_of(plan.links.begin(), plan.links.end(), [&](const NewLink& link) {
    return link.platform == target.name && link.person == person;
  });
}

bool should_have_none(Database& database, const Target& target, const std::string& person) {
  const auto row =
      Wanted(database.connection()).find(target.platform, database.fingerprints().of_person(person));
  return row && row->state == WantedState::leaver;
}

Note note_of(const Target& target, const std::string& before, const std::string& now,
             const std::string& account) {
  Note note{
      target.name, now, account, NoteKind::renumbered,
      fmt::format("seems to be {0} under a new key: the account {1} stays as it is, and none is made. If "
                  "they are one person, 'usher relink {0} {2}' hands on what {0} has; if they are two, "
                  "'usher offboard {0}' takes it away",
                  before, account, now)};
  note.cause =
      "seem to have had another key: accounts stay as they are, and none is made; 'usher relink OLD NEW' or "
      "'usher "
      "relink --from FILE' hands on what the old keys have";
  return note;
}

}  // namespace

Renumbering Renumbering::of_records(Database& database) {
  Renumbering found;
  for (const PersonRow& person : people_renamed(database)) found.add(person.id, person.became);
  return found;
}

bool Renumbering::add(const std::string& before, const std::string& now, bool doubtful) {
  if (doubtful) doubtful_.insert(before);
  if (!pairs_.emplace(before, now).second) return false;
  olds_[before].push_back(now);
  news_[now].push_back(before);
  return true;
}

std::string Renumbering::now(const std::string& before) const {
  if (doubtful_.contains(before)) return {};
  const std::string now = only_one(olds_, before);
  return only_one(news_, now).empty() ? std::string() : now;
}

std::string Renumbering::before(const std::string& now) const {
  const std::string before = only_one(news_, now);
  return only_one(olds_, before).empty() ? std::string() : before;
}

std::set<std::string> Renumbering::with_account(Database& database, PlatformId platform) const {
  std::set<std::string> people;
  Links links(database.connection());
  for (const auto& [before, now] : pairs_) {
    if (links.of_person(platform, before)) people.insert(now);
  }
  return people;
}

std::string who_is_gone(Database& database, PlatformId platform, const Fingerprint& account) {
  const auto link = Links(database.connection()).of_account(platform, account);
  if (!link) return {};
  const auto holder = People(database.connection()).find(database.fingerprints().of_person(link->person));
  return holder && holder->became.empty() ? std::string() : link->person;
}

void keep_renumbered(Database& database, const Target& target, bool hands_on, const Renumbering& renumbering,
                     Plan& plan, std::vector<Candidate>& candidates) {
  Links links(database.connection());
  std::map<Fingerprint, std::optional<Candidate>> instead;  // by account; nullopt: left as it is
  std::set<Fingerprint> left;
  for (const auto& [before, now] : renumbering.pairs()) {
    const auto link = links.of_person(target.platform, before);
    if (!link) continue;
    const bool free = !links.of_person(target.platform, now) && !has_found(plan, target, now);
    if (should_have_none(database, target, now)) {
      left.insert(link->key);
    } else if (hands_on && free && renumbering.now(before) == now) {
      const LinkOrigin how{LinkOrigin::Kind::was, before};
      plan.links.push_back({target.name, now, link->account, how, before});
      instead[link->key] = Candidate{
          .wanted = database.fingerprints().of_person(now), .account = link->key, .how = how, .was = before};
    } else {
      instead.try_emplace(link->key, std::nullopt);
      ++plan.situations[target.name]["renumbered"];
      plan.notes.push_back(note_of(target, before, now, link->account));
    }
  }
  for (Candidate& candidate : candidates) candidate.leaves = left.contains(candidate.account);
  if (instead.empty()) return;
  std::erase_if(candidates, [&](const Candidate& candidate) { return instead.contains(candidate.account); });
  for (auto& [account, candidate] : instead) {
    if (candidate) candidates.push_back(std::move(*candidate));
  }
}

}  // namespace usher
