#include "engine/plan/changed_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace usher {

namespace {

using nlohmann::json;

constexpr const char* fact_of_rules = "applied rule texts";
constexpr std::size_t most_places = 3;

/// Digests of the rules that were last applied. nullopt: unknown, for instance because an earlier version of
/// this program applied them.
std::optional<RuleDigests> applied_digests(Database& database) {
  const auto text = database.fact(fact_of_rules);
  const auto configuration = database.fact("applied configuration");
  if (!text || !configuration) return std::nullopt;
  try {
    const json known = json::parse(*text);
    if (known.at("configuration") != *configuration) return std::nullopt;
    return known.at("rules").get<RuleDigests>();
  } catch (const json::exception&) {  // it serves the wording of reasons alone
    return std::nullopt;
  }
}

/// "the rule of email" for "accounts.iot.set.email".
std::string subject_of_edit(const std::string& rule, const std::string& section) {
  for (const std::string& prefix : {section + ".set.", section + ".groups.", section + "."})
    if (rule.starts_with(prefix)) return "the rule of " + rule.substr(prefix.size());
  const std::string people = "people.attributes.", tables = "tables.";
  if (rule.starts_with(people)) return "the rule of person." + rule.substr(people.size());
  if (rule.starts_with(tables)) return "the table " + rule.substr(tables.size());
  return "the rule of " + rule;
}

/// What decides whether somebody has the account and may use it.
std::vector<std::string> rules_of_the_account(const std::string& section) {
  return {section + ".who", "people.active", "people.key", "people.from"};
}

}  // namespace

void remember_applied_rules(Database& database, const Config& config) {
  database.set_fact(fact_of_rules,
                    json{{"configuration", config.digest}, {"rules", RuleEdits::digests_of(config)}}.dump(
                        -1, ' ', false, json::error_handler_t::replace));
}

ChangedRules::ChangedRules(Database& database, const Config& config, const std::string& platform)
    : section_("accounts." + platform) {
  const auto before = applied_digests(database);
  const auto rules = config.accounts.find(platform);
  if (!before || !before->contains(section_) || rules == config.accounts.end()) return;
  const RuleEdits edits(*before, config);
  for (const RuleEdit& edit : edits.all())
    edits_.push_back(
        {subject_of_edit(edit.rule, section_), SourceLocation{edit.place.file, edit.place.line}.to_string()});
  if (!edits_.empty()) look_behind(edits, rules->second);
}

void ChangedRules::look_behind(const RuleEdits& edits, const AccountRules& rules) {
  std::vector<std::string> asked = rules_of_the_account(section_);
  const std::string groups = section_ + ".groups";
  asked.insert(asked.end(), {groups, section_ + ".other-groups", section_ + ".other-actions"});
  for (const auto& [path, expression] : rules.set) asked.push_back(fmt::format("{}.set.{}", section_, path));
  if (rules.groups)
    for (const GroupRule& rule : *rules.groups)
      asked.push_back(fmt::format("{}.{} {}", groups, rule.kind, rule.name));
  for (const std::string& rule : asked) {
    std::set<std::size_t> found = edits.behind(rule);
    if (!found.empty()) behind_.emplace(rule, std::move(found));
  }
}

bool ChangedRules::gather(const std::string& rule, std::set<std::size_t>& found) const {
  const auto behind = behind_.find(rule);
  if (behind == behind_.end()) return false;
  found.insert(behind->second.begin(), behind->second.end());
  return true;
}

std::string ChangedRules::why(const Change& change) const {
  std::set<std::size_t> found;
  const auto take_first = [&](const std::vector<std::string>& rules) {
    return std::ranges::any_of(rules, [&](const std::string& rule) { return gather(rule, found); });
  };
  for (const FieldChange& field : change.fields) take_first({fmt::format("{}.set.{}", section_, field.path)});
  const std::string groups = section_ + ".groups";
  for (const MembershipChange& edge : change.memberships)
    take_first({fmt::format("{}.{} {}", groups, edge.kind, edge.name),
                fmt::format("{}.{} {}", groups, edge.kind, edge.entitlement), groups,
                section_ + ".other-groups", section_ + ".other-actions"});
  const bool of_parts = change.act == ChangeAct::update || change.act == ChangeAct::recreate;
  if (found.empty() || !of_parts)  // a change does not say which of them kept the person out before
    for (const std::string& rule : rules_of_the_account(section_)) gather(rule, found);
  return text_of(found);
}

std::string ChangedRules::why(WhyLeft left) const {
  std::set<std::size_t> found;
  if (left == WhyLeft::scope) gather(section_ + ".who", found);
  if (left == WhyLeft::activity) gather("people.active", found);
  if (left == WhyLeft::sources)
    for (const char* rule : {"people.key", "people.from"}) gather(rule, found);
  return text_of(found);
}

std::string ChangedRules::text_of(const std::set<std::size_t>& edits) const {
  std::vector<std::string> places;  // several rules may stand in one line
  for (const std::size_t edit : edits)
    if (places.empty() || places.back() != edits_[edit].place) places.push_back(edits_[edit].place);
  if (places.empty()) return {};
  if (edits.size() == 1)
    return fmt::format("{} changed ({})", edits_[*edits.begin()].subject, places.front());
  const std::size_t more = places.size() - std::min(places.size(), most_places);
  places.resize(places.size() - more);
  return fmt::format("the rules changed ({}{})", fmt::join(places, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

}  // namespace usher
