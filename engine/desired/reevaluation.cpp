#include "engine/desired/reevaluation.hpp"

#include <algorithm>
#include <string>

#include "engine/runtime/time.hpp"
#include "state/store/scan.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr const char* fact_of_time = "desired at";

/// What others held when unique() chose for nobody they may have let go since.
void add_waiting(Database& database, const PlanningInput& input, std::vector<PersonRow>& people) {
  for (const Target& target : input.targets) {
    if (target.program->unique_attributes().empty()) continue;
    WantedScan wanted(database.connection(), target.platform, key_slices(1).front());
    while (wanted.next()) {
      if (wanted.state() != WantedState::error) continue;
      auto person = People(database.connection()).find(wanted.person());
      if (person && person->error.empty()) people.push_back(std::move(*person));
    }
  }
}

}  // namespace

std::vector<PersonRow> due_again(Database& database, const PlanningInput& input) {
  std::vector<PersonRow> people;
  if (input.evaluates_now()) people = People(database.connection()).turned_by(text_of(input.now.seconds));
  add_waiting(database, input, people);
  std::stable_sort(people.begin(), people.end(),
                   [](const PersonRow& a, const PersonRow& b) { return a.key < b.key; });
  const auto same = [](const PersonRow& a, const PersonRow& b) { return a.key == b.key; };
  people.erase(std::unique(people.begin(), people.end(), same), people.end());
  return people;
}

bool clock_went_back(Database& database, const PlanningInput& input) {
  if (!input.evaluates_now()) return false;
  const auto evaluated = database.fact(fact_of_time);
  return !evaluated || *evaluated > text_of(input.now.seconds);
}

void remember_when(Database& database, const PlanningInput& input) {
  if (input.evaluates_now()) database.set_fact(fact_of_time, text_of(input.now.seconds));
}

}  // namespace usher
