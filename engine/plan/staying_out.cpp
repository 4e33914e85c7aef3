#include "engine/plan/staying_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/plan/offboarding.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

using KeptOut = std::map<std::string, Offboarded>;  // by person

bool has_left(Database& database, const std::string& person) {
  const auto row = People(database.connection()).find(database.fingerprints().of_person(person));
  return !row || !row->active;
}

/// Of those who are kept out the ones whom the sources still have; writes down what they say of the others.
KeptOut still_there(Database& database, const PlanningInput& input, const Plan& plan) {
  OffboardedPeople people(database.connection());
  const std::string now = text_of(input.now.seconds);
  std::map<std::string, std::string> renumbered;  // before -> now, of links the plan hands on
  for (const NewLink& link : plan.links)
    if (!link.from.empty()) renumbered.emplace(link.from, link.person);
  KeptOut kept;
  for (const Offboarded& one : people.all(now)) {
    const bool is_over = one.left && one.until.empty();
    if (const auto to = renumbered.find(one.person); to != renumbered.end()) {
      if (is_over)
        people.end(one.person, now);  // left, and is back under another key
      else
        kept.emplace(to->second, one);
    } else if (has_left(database, one.person)) {
      people.mark_left(one.person, now);
    } else if (is_over) {
      people.end(one.person, now);  // left, and is back
    } else {
      kept.emplace(one.person, one);
    }
  }
  return kept;
}

std::string until_when(const Offboarded& offboarded) {
  return offboarded.until.empty() ? "until the sources say that the person has left"
                                  : "until " + offboarded.until;
}

Note note_of(const Change& change, const Offboarded& offboarded) {
  return {change.platform, change.person, change.account, NoteKind::offboarded,
          kept_out_text(offboarded, change.person)};
}

/// Takes out what `goes` says of operations of these people, and notes what would have been given.
template <class Goes>
void take_out_of(Plan& plan, const KeptOut& kept, const Goes& goes) {
  std::vector<bool> dropped(plan.operations.size());
  std::set<std::size_t> told;  // changes
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    const Operation& operation = plan.operations[i];
    const auto found = kept.find(operation.person);
    if (found == kept.end() || !goes(operation)) continue;
    dropped[i] = true;
    const bool gives = !takes_away(operation.kind);
    if (gives && told.insert(operation.change).second)
      plan.notes.push_back(note_of(plan.changes[operation.change], found->second));
  }
  take_out(plan, dropped);
}

void add_takings(Plan& plan, Plan&& takings) {
  for (Operation& operation : takings.operations) {
    operation.change += plan.changes.size();
    plan.operations.push_back(std::move(operation));
  }
  std::ranges::move(takings.changes, std::back_inserter(plan.changes));
  for (Note& note : takings.notes) {
    const bool said = note.kind == NoteKind::not_read || note.kind == NoteKind::no_account;
    if (!said) plan.notes.push_back(std::move(note));
  }
}

}  // namespace

std::string kept_out_text(const Offboarded& offboarded, const std::string& person) {
  return fmt::format("{}: nothing is given {}; 'usher readmit {}' ends that", offboarded.text(),
                     until_when(offboarded), person);
}

bool gives_access(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::create:
    case OperationKind::enable:
    case OperationKind::unlock:
    case OperationKind::add_membership:
    case OperationKind::change_membership:
    case OperationKind::rotate:
      return true;
    case OperationKind::update:
    case OperationKind::remove_membership:
    case OperationKind::revoke:
    case OperationKind::disable:
    case OperationKind::lock:
    case OperationKind::remove:
      return false;
  }
  return true;
}

void keep_out(Plan& plan, Database& database, const PlanningInput& input) {
  const KeptOut kept = still_there(database, input, plan);
  if (kept.empty()) return;
  take_out_of(plan, kept, [](const Operation&) { return true; });
  for (const auto& [person, offboarded] : kept) {
    const Offboarding how{.person = person, .because = offboarded.text(), .again = true};
    add_takings(plan, plan_offboarding(database, input, how, accounts_in(database, input, person, plan)));
  }
  put_in_order(plan);
}

void give_nothing(Plan& plan, Database& database, const PlanningInput& input) {
  KeptOut kept;
  for (const Offboarded& one : OffboardedPeople(database.connection()).all(text_of(input.now.seconds)))
    if (!has_left(database, one.person)) kept.emplace(one.person, one);
  if (kept.empty()) return;
  take_out_of(plan, kept, gives_access);
  put_in_order(plan);
}

}  // namespace usher
