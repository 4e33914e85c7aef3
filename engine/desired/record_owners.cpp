#include "engine/desired/record_owners.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "state/store/links.hpp"

namespace usher {

namespace {

constexpr const char* fact = "renamed people";

bool has_link(Database& database, const PlanningInput& input, const std::string& person) {
  return std::any_of(input.targets.begin(), input.targets.end(), [&](const Target& target) {
    return Links(database.connection()).of_person(target.platform, person).has_value();
  });
}

}  // namespace

std::map<Fingerprint, std::string> last_owners(Database& database, const std::vector<Fingerprint>& records) {
  std::map<Fingerprint, std::string> owners;
  if (records.empty()) return owners;
  std::vector<Fingerprint> sorted = records;
  std::sort(sorted.begin(), sorted.end());
  People(database.connection()).for_each([&](const PersonRow& person) {
    if (person.became.empty() && std::binary_search(sorted.begin(), sorted.end(), person.record))
      owners[person.record] = person.id;
  });
  return owners;
}

std::vector<PersonRow> renamed_people(Database& database, const PlanningInput& input,
                                      const std::vector<PersonRow>& declared,
                                      const std::vector<PersonRow>& not_declared) {
  std::vector<PersonRow> renamed;
  if (not_declared.empty()) return renamed;
  std::map<Fingerprint, const PersonRow&> by_record;
  for (const PersonRow& person : not_declared) by_record.emplace(person.record, person);
  for (const PersonRow& person : declared) {
    const auto before = by_record.find(person.record);
    // Who has left under the new key has left.
    if (before == by_record.end() || !person.active || !has_link(database, input, before->second.id))
      continue;
    renamed.push_back({before->second.key, before->second.id, person.record, true,
                       fmt::format("its record names {} by now", person.id), person.id});
  }
  return renamed;
}

void remember_renamed(Database& database, bool any) {
  if (any)
    database.set_fact(fact, "");
  else
    database.forget_fact(fact);
}

bool any_renamed(Database& database) {
  return database.fact(fact).has_value();
}

std::vector<PersonRow> people_renamed(Database& database) {
  std::vector<PersonRow> renamed;
  if (!any_renamed(database)) return renamed;
  People(database.connection()).for_each([&](const PersonRow& person) {
    if (!person.became.empty()) renamed.push_back(person);
  });
  return renamed;
}

}  // namespace usher
