#include "engine/plan/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "engine/plan/staying_out.hpp"
#include "engine/runtime/time.hpp"
#include "rules/people.hpp"
#include "state/model/effect.hpp"
#include "state/model/operation_messages.hpp"
#include "state/model/same_part.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

constexpr std::int64_t a_day = 86'400;

/// Those that wrote a part of the account that a change concerns.
std::vector<JournalEntry> those_about(const Change& change, const std::vector<JournalEntry>& entries) {
  std::vector<JournalEntry> same;
  for (const JournalEntry& entry : entries)
    if (about_the_same(operation_from_json(nlohmann::json::parse(entry.detail)), change))
      same.push_back(entry);
  return same;
}

}  // namespace

Comparison::Comparison(Database& database, const PlanningInput& input, std::size_t target,
                       const PlatformView& view)
    : input_(input),
      index_(target),
      target_(input.targets[target]),
      view_(view),
      written_(target_),
      remembers_(Lifecycle(database.connection()).any(target_.platform)) {
  for (const Source& source : input.sources) {
    if (const auto applied = database.fact("applied " + source.name))
      applied_generations_[source.name] = std::stoull(*applied);
  }
  for (const auto& [generation, pull] : Past(database.connection()).pulls(target_.platform))
    read_at_[generation] = pull.started_at;
  offboarded_ = OffboardedPeople(database.connection()).last();
  applied_rules_ = database.fact("applied rules");
  applied_configuration_ = database.fact("applied configuration");
  if (applied_configuration_ != input.configuration)
    changed_rules_.emplace(database, input.rules->config(), target_.name);
  const PlatformState state = Snapshots(database.connection()).platform(target_.platform);
  written_since_ = state.written_at > state.started_at;
  shown_ = Snapshots(database.connection()).shown(target_.platform);
}

void Comparison::compare(const Candidate& candidate, Connection& connection, DesiredAccountReader& people,
                         ComparisonResult& out) const {
  const auto row = Wanted(connection).find(target_.platform, candidate.wanted);
  const auto stored = Snapshots(connection).find(target_.platform, candidate.account);
  if (!row || !stored) return;
  const Account& account = stored->account;
  const auto link = Links(connection).of_account(target_.platform, candidate.account);
  const auto person = candidate.person ? std::nullopt : People(connection).find(row->person);
  const DesiredAccountReader::Answer read =
      person ? people.read(person->record, index_) : DesiredAccountReader::Answer{};
  const DesiredAccountReader::Answer& answer = candidate.person ? *candidate.person : read;
  const std::string id = candidate.person ? answer.id : person ? person->id : link ? link->person : "";
  Standing standing = standing_of(connection, id, account.id);
  const std::optional<LinkOrigin> how = candidate.how || !link ? candidate.how : link->how;
  standing.made_unusable = how && how->kind == LinkOrigin::Kind::created_unusable;
  // What an incomplete pull did show is as well known as what a complete one shows.
  std::optional<PlatformView> doubtful;
  if (!view_.unseen.empty() && view_.unsure.empty() && !shown_.contains(stored->row)) {
    doubtful = view_;
    doubtful->unsure = view_.unseen;
  }
  const PlatformView& view = doubtful ? *doubtful : view_;
  Decision verdict;
  if (row->state == WantedState::error && !candidate.leaves) {
    ++out.situations["error"];
    verdict = error_decision(
        target_.name, id, account.id,
        answer.failure.message.empty() && person ? RuleFailure{person->error} : answer.failure);
  } else if (row->state == WantedState::leaver || candidate.leaves) {
    ++out.situations["unqualified"];
    const WhyLeft why = why_left(candidate.person || person, answer);
    const bool left_before = link && link->applied == row->digest;
    verdict = decide_deprovision(view, id, account, standing,
                                 (candidate.was.empty() ? "" : fmt::format("was {} and ", candidate.was)) +
                                     text_of(why, answer) + (left_before ? "" : edited_text(why)));
    if (verdict.change) verdict.change->left = why;
    for (Note& note : verdict.notes) note.left = why;
    if (!id.empty() && !standing.gone_since && gives_grace(view_.rules())) out.gone.push_back(id);
  } else {
    ++out.situations["matched"];
    standing.written = written_.of(connection, account.id);
    const bool made = how && how->kind == LinkOrigin::Kind::created;
    if (standing.written.empty() && made && link && link->applied && link->applied != row->digest)
      standing.written = written_.forgotten();
    verdict = decide_update(view, answer, account, standing, "");
    if (verdict.change)
      verdict.change->because =
          candidate.was.empty()
              ? why_different(connection, *verdict.change, *row, link, answer, *stored, standing)
              : fmt::format("was {} and has a new key", candidate.was);
    if (standing.gone_since) out.back.push_back(id);
  }
  if (!verdict.agrees()) {
    out.decisions.push_back(std::move(verdict));
  } else if (!candidate.how) {
    out.settled.push_back({candidate.account, stored->digest});
    if (link && link->applied != row->digest) out.applied.emplace_back(link->person, row->digest);
  }
}

Standing Comparison::standing_of(Connection& connection, const std::string& person,
                                 const std::string& account) const {
  if (!remembers_) return {};
  Lifecycle lifecycle(connection);
  Standing standing;
  standing.locked = lifecycle.locked_since(target_.platform, account).has_value();
  if (const auto since = lifecycle.gone_since(target_.platform, person)) {
    const std::int64_t seconds = seconds_of(*since);
    // A clock that was ahead wrote a time that is still to come: it says nothing.
    if (seconds <= view_.now + a_day) standing.gone_since = seconds;
  }
  return standing;
}

WhyLeft Comparison::why_left(bool declared, const DesiredAccountReader::Answer& answer) {
  if (!declared || !answer.found) return WhyLeft::sources;
  return answer.active ? WhyLeft::scope : WhyLeft::activity;
}

std::string Comparison::text_of(WhyLeft why, const DesiredAccountReader::Answer& answer) const {
  switch (why) {
    case WhyLeft::sources: {
      std::vector<std::string> names;
      for (const Source& source : input_.sources) names.push_back(source.name);
      return fmt::format("is no longer in {}", fmt::join(names, ", "));
    }
    case WhyLeft::activity:
      return fmt::format("is not active any more in {}", answer.source);
    case WhyLeft::scope:
      return fmt::format("is out of scope: {} ({})", view_.rules().who.source,
                         view_.rules().who.place.to_string());
  }
  return {};
}

/// "; the rule of who changed (usher.yaml:20)", where an edit since everything was last applied may be why
/// somebody is a leaver; empty: none.
std::string Comparison::edited_text(WhyLeft why) const {
  if (!changed_rules_ || applied_rules_ == input_.rules_digest) return {};
  const std::string edited = changed_rules_->why(why);
  return edited.empty() ? "" : "; " + edited;
}

/// What is known of why an account that was once as wanted may not be any more.
std::string Comparison::why_different(Connection& connection, const Change& change, const WantedRow& row,
                                      const std::optional<Link>& link,
                                      const DesiredAccountReader::Answer& answer,
                                      const StoredAccount& account, const Standing& standing) const {
  if (!link) return "the account was matched for the first time";
  Past past(connection);
  const std::vector<JournalEntry> same = those_about(change, past.last_run_of(target_.name, link->person));
  if (!same.empty()) {
    const std::string why = why_by_run(connection, same);
    if (!why.empty()) return why;
  }
  const std::string by_hand = fmt::format("was changed on {} since it was last as wanted", target_.name);
  if (was_as_wanted(connection, answer, account, past.last_sent_at(target_.name, link->person),
                    standing.written))
    return by_hand;
  if (link->applied == row.digest) {
    if (row.settled) return by_hand;
    const std::string written =
        same.empty() ? "was written before" : fmt::format("was written by run {}", same.front().run);
    return written_since_ ? fmt::format("{}, and {} was not read since", written, target_.name)
                          : fmt::format("{}, and {} does not hold it so", written, target_.name);
  }
  return why_wanted(change, answer);
}

/// Why what is wanted is not what was applied last.
std::string Comparison::why_wanted(const Change& change, const DesiredAccountReader::Answer& answer) const {
  const bool rules_changed = applied_rules_ != input_.rules_digest;
  const std::string edited = rules_changed && changed_rules_ ? changed_rules_->why(change) : std::string();
  const auto seen = applied_generations_.find(answer.source);
  if (seen == applied_generations_.end() || answer.record_generation > seen->second)
    return fmt::format("its record in {} changed{}{}", answer.source, edited.empty() ? "" : ", and ", edited);
  if (!edited.empty()) return edited;
  if (rules_changed)
    return changed_rules_ ? "the rules changed" : "groups or capabilities of a platform changed";
  return input_.evaluates_now()
             ? "what the sources say of this person changed, or a time that a rule names passed"
             : "what the sources say of this person changed";
}

/// What the last run that wrote the parts of a change explains of it; empty: nothing. entries: of that run,
/// at least one.
std::string Comparison::why_by_run(Connection& connection, const std::vector<JournalEntry>& entries) const {
  for (const JournalEntry& entry : entries) {
    // What an operation met that came too late was about something else.
    if (entry.state == OperationState::done || is_stale_message(entry.message)) continue;
    return fmt::format("run {} did not do it: {}", entry.run,
                       entry.message.empty() ? to_string(entry.state) : entry.message.c_str());
  }
  const JournalEntry& last = entries.back();
  const auto run = Journal(connection).run(last.run);
  if (run && run->command == "offboard") return fmt::format("was offboarded in run {}", last.run);
  if (const auto offboarded = offboarded_in(connection, last))
    return fmt::format("was offboarded in run {}", *offboarded);
  if (run && run->command == "undo") return fmt::format("was undone by run {}", last.run);
  return {};
}

/// The run that offboarded this person, when that is what was last done here: runs that kept the person out
/// may have taken something again.
std::optional<std::int64_t> Comparison::offboarded_in(Connection& connection,
                                                      const JournalEntry& last) const {
  const auto found = offboarded_.find(last.person);
  if (found == offboarded_.end() || last.run < found->second.run) return std::nullopt;
  const Offboarded& offboarded = found->second;
  for (const JournalEntry& entry : Journal(connection).sent_after(offboarded.run, last.person)) {
    if (entry.platform != target_.name) continue;
    const bool afterwards = !offboarded.until.empty() && entry.sent_at > offboarded.until;
    if (afterwards || gives_access(operation_from_json(nlohmann::json::parse(entry.detail))))
      return std::nullopt;
  }
  return offboarded.run;
}

/// Whether the account agreed with what is wanted now when a pull saw it last as it was before, and usher
/// wrote nothing since that pull began: then the account changed, whatever else did. written: when usher
/// wrote to it last; empty: never. values: what it wrote.
bool Comparison::was_as_wanted(Connection& connection, const DesiredAccountReader::Answer& answer,
                               const StoredAccount& account, const std::string& written,
                               const Written& values) const {
  const auto pull = account.generation == 0 ? read_at_.end() : read_at_.find(account.generation - 1);
  if (pull == read_at_.end() || pull->second <= written || answer.content.empty()) return false;
  const auto before = Past(connection).as_of(target_.platform, account.key, pull->first);
  Standing then;
  then.written = values;
  return before && decide_update(view_, answer, *before, then, "").agrees();
}

Decision error_decision(const std::string& platform, const std::string& person, const std::string& account,
                        const RuleFailure& failure) {
  Decision verdict;
  verdict.notes.push_back({platform, person, account, NoteKind::rule_error,
                           failure.message + "; nothing is done for this person here", failure.cause});
  return verdict;
}

}  // namespace usher
