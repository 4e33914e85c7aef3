#include "engine/migrate/verification.hpp"

#include <algorithm>
#include <set>

#include "state/model/account_label.hpp"
#include "state/model/effect.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

/// Why somebody has no account, as the plan says it.
class Reasons {
 public:
  Reasons(const Plan& plan, const std::string& platform) {
    for (const Change& change : plan.changes) {
      if (change.platform == platform && change.account.empty())
        told_[change.person] = {change.person, change.label, "not created yet: " + change.because};
    }
    for (const Note& note : plan.notes) {
      if (note.platform != platform || !note.account.empty()) continue;
      if (note.kind == NoteKind::ambiguous || note.kind == NoteKind::claimed) unsure_.insert(note.person);
      Absentee& one = told_[note.person];
      one.person = note.person;
      one.why += (one.why.empty() ? "" : "; ") + note.message;
    }
  }

  /// nullptr: the rules want none. An account is looked for also for who is not active, and none may be
  /// wanted.
  const Absentee* of(const std::string& person, bool active) const {
    const auto found = told_.find(person);
    if (found == told_.end() || (!active && unsure_.count(person) > 0)) return nullptr;
    return &found->second;
  }

 private:
  std::set<std::string> unsure_;
  std::map<std::string, Absentee> told_;
};

}  // namespace

Verification parity(Database& database, const std::string& from, const std::string& to, const Plan& plan) {
  Verification parity;
  Snapshots snapshots(database.connection());
  Links links(database.connection());
  const PlatformState state = snapshots.platform(to).value();
  const PlatformId platform = state.platform;
  const auto old = snapshots.platform(from);
  const auto is_active = [&](const PersonRow& person) {
    const auto record = old ? snapshots.find(old->platform, person.record) : std::nullopt;
    return person.active && (!record || record->account.active);
  };
  const Reasons reasons(plan, to);
  People(database.connection()).for_each([&](const PersonRow& person) {
    ++parity.people;
    const auto link = links.of_person(platform, person.id);
    const bool there = link && snapshots.find(platform, link->key);
    if (there && link->account == state.self) {
      ++parity.unwanted;
    } else if (there) {
      const bool disabled = link->how.kind == LinkOrigin::Kind::created_unusable;
      ++(disabled || link->how.kind == LinkOrigin::Kind::created ? parity.created : parity.matched);
      if (disabled && !person.active) ++parity.disabled;
    } else if (const Absentee* absentee = reasons.of(person.id, person.active)) {
      parity.absent.push_back(*absentee);
    } else {
      ++(is_active(person) ? parity.unwanted : parity.inactive);
    }
  });
  std::sort(parity.absent.begin(), parity.absent.end(),
            [](const Absentee& a, const Absentee& b) { return a.person < b.person; });
  for (const Change& change : plan.changes)
    if (change.platform == to && !change.account.empty()) parity.different.push_back(change);
  for (const Note& note : plan.notes)
    if (note.platform == to && !note.account.empty() && note.account != state.self)
      parity.notes.push_back(note);
  const auto situations = plan.situations.find(to);
  if (situations != plan.situations.end()) {
    const auto orphans = situations->second.find("orphan");
    if (orphans != situations->second.end()) parity.others = orphans->second;
  }
  return parity;
}

void for_each_id(Database& database, const std::string& from, const std::string& to, const Capabilities& can,
                 const std::function<void(const IdPair&)>& visit) {
  Snapshots snapshots(database.connection());
  People people(database.connection());
  const PlatformId source = snapshots.platform(from).value().platform;
  const PlatformState state = snapshots.platform(to).value();
  const PlatformId target = state.platform;
  Links(database.connection()).for_each_by_person(target, [&](const Link& link) {
    if (link.account == state.self) return;
    const auto person = people.find(database.fingerprints().of_person(link.person));
    if (!person) return;
    const auto before = snapshots.find(source, person->record);
    const auto after = snapshots.find(target, link.key);
    if (!before || !after) return;
    visit({before->account.id, after->account.id, label_of(after->account, can), link.how});
  });
}

}  // namespace usher
