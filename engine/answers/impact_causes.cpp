#include "engine/answers/impact_causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace usher {

namespace {

std::string section_of(const std::string& platform) {
  return "accounts." + platform;
}

/// Everything that decides whether somebody has an account at all.
std::vector<std::string> account_rules(const std::string& platform) {
  const std::string section = section_of(platform);
  return {section + ".who",
          "people.active",
          section + ".leavers",
          section + ".create",
          section + ".match",
          section,
          section + ".without-update",
          section + ".orphans",
          "people.key",
          "people.from",
          "people.rekey"};
}

/// What an account becomes that nobody is to use any more.
std::vector<std::string> leaver_rules(const std::string& platform) {
  return {section_of(platform) + ".leavers", section_of(platform) + ".without-update"};
}

void append(std::vector<std::string>& rules, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(rules));
}

bool is_of(const Change* change, Situation situation) {
  return change != nullptr && change->situation == situation;
}

const LeaverRules* leavers_of(const Config& config, const std::string& platform) {
  const auto rules = config.accounts.find(platform);
  return rules == config.accounts.end() ? nullptr : &rules->second.leavers;
}

/// Whether a place stands in a text, and not only the beginning of a longer number.
bool names(const std::string& text, const std::string& place) {
  for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + 1)) {
    const std::size_t end = at + place.size();
    if (end == text.size() || text[end] < '0' || text[end] > '9') return true;
  }
  return false;
}

bool takes_at_once(const Config& config, const std::string& platform) {
  const LeaverRules* leavers = leavers_of(config, platform);
  return leavers != nullptr && leavers->disable_after_days == 0;
}

bool creates_disabled(const Config& config, const std::string& platform) {
  const LeaverRules* leavers = leavers_of(config, platform);
  return leavers != nullptr && leavers->create_disabled;
}

}  // namespace

ImpactCauses::ImpactCauses(const Config& before, const Plan& old_plan, const Config& after,
                           const Plan& new_plan)
    : before_(before),
      after_(after),
      edits_(before, after),
      left_before_(left_in(old_plan)),
      left_after_(left_in(new_plan)) {
  std::map<Somebody, std::set<std::string>> links[2];
  for (const NewLink& link : old_plan.links) links[0][{link.platform, link.person}].insert(link.account);
  for (const NewLink& link : new_plan.links) links[1][{link.platform, link.person}].insert(link.account);
  for (const int side : {0, 1})
    for (const auto& [somebody, accounts] : links[side]) {
      const auto other = links[1 - side].find(somebody);
      if (other == links[1 - side].end() || other->second != accounts) relinked_.insert(somebody);
    }
}

/// Of whom a plan says that they have left: by a change, or by a note that says why nothing is done.
ImpactCauses::Left ImpactCauses::left_in(const Plan& plan) {
  Left left;
  for (const Change& change : plan.changes)
    if (change.left && !change.person.empty())
      left.emplace(Somebody{change.platform, change.person}, *change.left);
  for (const Note& note : plan.notes)
    if (note.left && !note.person.empty()) left.emplace(Somebody{note.platform, note.person}, *note.left);
  return left;
}

std::optional<WhyLeft> ImpactCauses::find(const Left& left, const std::string& platform,
                                          const std::string& person) {
  const auto found = left.find({platform, person});
  return found == left.end() ? std::nullopt : std::optional(found->second);
}

ImpactCauses::Rules ImpactCauses::rules_that_left(const std::string& platform, WhyLeft why) {
  switch (why) {
    case WhyLeft::sources:
      return {"people.from", "people.key", "people.rekey"};
    case WhyLeft::activity:
      return {"people.active"};
    case WhyLeft::scope:
      return {section_of(platform) + ".who"};
  }
  return {};
}

bool ImpactCauses::leaves_or_returns(const Changes& changes) const {
  return is_of(changes.before, Situation::unqualified) != is_of(changes.after, Situation::unqualified);
}

/// leaves: under the new rules; else under the old ones only.
ImpactCauses::Rules ImpactCauses::rules_of_leaving(const Changes& changes, bool leaves, WhyLeft why) const {
  const std::string& platform = changes.either().platform;
  Rules rules = rules_that_left(platform, why);
  const Change* leaver = leaves ? changes.after : changes.before;
  // The old rules for leavers may not have taken the account, whoever had left.
  const bool takes = leaver != nullptr && takes_account(leaver->act);
  const bool by_leavers =
      takes && (leaver->act == ChangeAct::remove || (leaves && !takes_at_once(before_, platform)));
  if (by_leavers) append(rules, leaver_rules(platform));
  return rules;
}

ImpactCauses::Rules ImpactCauses::rules_that_give(const std::string& platform) const {
  const std::string section = section_of(platform);
  Rules rules{section + ".who", "people.active", section + ".create", section + ".match",
              section,          "people.from",   "people.key",        "people.rekey"};
  if (creates_disabled(before_, platform) || creates_disabled(after_, platform))
    append(rules, leaver_rules(platform));
  return rules;
}

/// What decides what becomes of the account, as far as the two plans tell it.
ImpactCauses::Rules ImpactCauses::rules_of(const Changes& changes) const {
  const Change& either = changes.either();
  const auto was = find(left_before_, either.platform, either.person);
  const auto is = find(left_after_, either.platform, either.person);
  if (was && is) return leaver_rules(either.platform);
  if (is) return rules_of_leaving(changes, true, *is);
  if (was) return rules_of_leaving(changes, false, *was);
  if (is_of(changes.before, Situation::orphan) || is_of(changes.after, Situation::orphan)) {
    const std::string section = section_of(either.platform);
    return {section + ".orphans", section + ".match", "people.from", "people.key", "people.rekey"};
  }
  return rules_that_give(either.platform);
}

bool ImpactCauses::relinked(const Change& change) const {
  return relinked_.contains({change.platform, change.person});
}

std::set<std::size_t> ImpactCauses::behind(const Rules& rules) {
  std::set<std::size_t> found;
  for (const std::string& rule : rules) {
    const auto [known, fresh] = behind_.try_emplace(rule);
    if (fresh) known->second = edits_.behind(rule);
    found.insert(known->second.begin(), known->second.end());
  }
  return found;
}

/// tiers: rules that it may come from, the likelier ones first; all edits behind the first that has any.
ImpactCauses::Cause ImpactCauses::decided(const std::vector<Rules>& tiers) {
  std::string rule;
  for (const Rules& tier : tiers) {
    const std::set<std::size_t> found = behind(tier);
    considered_.insert(found.begin(), found.end());
    if (!found.empty()) return {{found.begin(), found.end()}, ""};
    if (rule.empty() && !tier.empty()) rule = tier.front();
  }
  return {{}, rule};
}

void ImpactCauses::consider(const Rules& rules) {
  const std::set<std::size_t> found = behind(rules);
  considered_.insert(found.begin(), found.end());
}

/// Of an account that comes every attribute and membership is as the new rules say.
void ImpactCauses::consider_what_comes_with(const std::string& platform) {
  for (const Config* config : {&before_, &after_}) {
    const auto rules = config->accounts.find(platform);
    if (rules == config->accounts.end()) continue;
    const std::string section = section_of(platform);
    for (const auto& [path, expression] : rules->second.set)
      consider({fmt::format("{}.set.{}", section, path)});
    if (!rules->second.groups) continue;
    for (const GroupRule& rule : *rules->second.groups)
      consider({fmt::format("{}.groups.{} {}", section, rule.kind, rule.name)});
  }
}

ImpactCauses::Cause ImpactCauses::of_account(const Changes& changes) {
  const std::string& platform = changes.either().platform;
  consider(account_rules(platform));
  // It is there under the new rules: as new, or kept though the old ones were to take it.
  const bool comes = changes.after == nullptr ? is_of(changes.before, Situation::unqualified)
                                              : changes.after->situation != Situation::unqualified;
  if (comes) consider_what_comes_with(platform);
  return decided({rules_of(changes), account_rules(platform)});
}

ImpactCauses::Cause ImpactCauses::of_field(const Changes& changes, const std::string& path) {
  const Change& either = changes.either();
  Rules own{fmt::format("{}.set.{}", section_of(either.platform), path)};
  if (relinked(either)) own.push_back(section_of(either.platform) + ".match");
  return decided({own, account_rules(either.platform)});
}

ImpactCauses::Rules ImpactCauses::edited_groups(const std::string& platform) const {
  Rules rules;
  for (const RuleEdit& edit : edits_.all())
    if (edit.rule.starts_with(section_of(platform) + ".groups.")) rules.push_back(edit.rule);
  return rules;
}

ImpactCauses::Cause ImpactCauses::of_membership(const Changes& changes, const MembershipChange& edge,
                                                bool with_account, bool stays) {
  const Change& either = changes.either();
  const std::string section = section_of(either.platform), groups = section + ".groups";
  const std::string& name = edge.name.empty() ? edge.entitlement : edge.name;
  Rules own{fmt::format("{}.{} {}", groups, edge.kind, name),
            fmt::format("{}.{} {}", groups, edge.kind, edge.entitlement), groups, section + ".other-groups",
            section + ".other-actions"};
  if (with_account) {
    Rules rules = rules_of(changes);
    const bool left = find(left_after_, either.platform, either.person).has_value();
    if (stays && !left) append(rules, std::move(own));
    consider(account_rules(either.platform));
    return decided({rules, account_rules(either.platform)});
  }
  if (relinked(either)) own.push_back(section + ".match");
  // It may stay or go because another rule names a group that is not known, or gives the last one.
  return decided({own, edited_groups(either.platform), account_rules(either.platform)});
}

ImpactCauses::Cause ImpactCauses::of_note(const Note& note) {
  Rules named, about, groups;
  if (!note.group.empty())
    named.push_back(fmt::format("{}.groups.{}", section_of(note.platform), note.group));
  for (const RuleEdit& edit : edits_.all())  // a rule that fails is named in the message
    if (names(note.message, edit.place.to_string())) named.push_back(edit.rule);
  if (note.kind == NoteKind::unsure || note.kind == NoteKind::last_group)
    groups = edited_groups(note.platform);
  if (const auto why = note.left) {
    const bool both =
        find(left_before_, note.platform, note.person) && find(left_after_, note.platform, note.person);
    about = both ? leaver_rules(note.platform) : rules_that_left(note.platform, *why);
    if (!both) append(about, leaver_rules(note.platform));
    consider(about);
  }
  return decided({named, groups, about, account_rules(note.platform)});
}

ImpactCauses::Cause ImpactCauses::of_link(const std::string& platform) {
  const std::string section = section_of(platform);
  return decided({{section + ".match", section + ".who", "people.active", section, "people.key",
                   "people.from", "people.rekey"},
                  account_rules(platform)});
}

ImpactCauses::Cause ImpactCauses::of_guards(const Operation& operation) {
  Rules rules;
  for (const std::string& lane : operation.held_by) {
    const std::size_t dot = lane.rfind('.');
    const std::string platform = lane.substr(0, dot);
    rules.push_back(fmt::format("{}.guards.{}", platform == "people" ? platform : section_of(platform),
                                lane.substr(dot + 1)));
  }
  if (rules.empty()) rules.push_back(section_of(operation.platform) + ".guards");
  return decided({rules});
}

}  // namespace usher
