#include "rules/rule_edits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "rules/cel/program.hpp"
#include "state/model/fingerprint.hpp"

namespace usher {

namespace {

std::string text_of(const Expression& expression) {
  return expression.constant.value_or(expression.source);
}

/// The place of a key of a section; the section's own when the key is not written.
SourceLocation key_place(const std::map<std::string, SourceLocation>& keys, const std::string& key,
                         const SourceLocation& section) {
  const auto found = keys.find(key);
  return found == keys.end() ? section : found->second;
}

std::string days(const std::optional<int>& after) {
  if (!after) return "never";
  return *after == 0 ? "now" : fmt::format("{}d", *after);
}

std::string choice(const std::optional<Fallback>& chosen) {
  return chosen ? to_string(*chosen) : "report";
}

std::string leavers_text(const LeaverRules& rules) {
  return fmt::format("disable {}, delete {}, without-disable {}{}", days(rules.disable_after_days),
                     days(rules.delete_after_days), choice(rules.without_disable),
                     rules.create_disabled ? ", create disabled" : "");
}

std::string orphans_text(const OrphanRules& rules) {
  if (!rules.take()) return "report";
  return fmt::format("disable {}, delete {}{}{}", days(rules.disable_after_days),
                     days(rules.delete_after_days), rules.except.given() ? ", except " : "",
                     text_of(rules.except));
}

std::string guard_text(const Guard& guard) {
  return guard.percent > 0 ? fmt::format("{}%, at least {}", guard.percent, guard.at_least)
                           : fmt::format("{}", guard.at_least);
}

std::string group_text(const GroupRule& rule) {
  std::string text = rule.when.given() ? "when " + text_of(rule.when) : "everybody";
  if (!rule.details.empty()) text += fmt::format(", with {}", fmt::join(rule.details, ", "));
  return text;
}

/// What the expressions of accounts may read: a person, the time and every table.
cel::Environment environment_of(const Config& config) {
  cel::Environment environment;
  environment.declare("person", cel::Type::dyn());
  environment.declare("now", cel::Type::timestamp());
  for (const auto& [name, rows] : config.tables)
    environment.table(name, std::make_shared<const cel::Environment::Rows>(rows));
  return environment;
}

bool names_table(const std::string& source, const std::string& table) {
  return source.find("\"" + table + "\"") != std::string::npos ||
         source.find("'" + table + "'") != std::string::npos;
}

std::string joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

RuleEdits::RuleEdits(const Config& before, const Config& after)
    : after_config_(after),
      environment_(environment_of(after)),
      after_(statements_of(after)),
      before_(statements_of(before)) {
  for (const auto& [platform, rules] : after.accounts)
    if (!before.accounts.contains(platform)) sections_.push_back("accounts." + platform);
  for (const auto& [platform, rules] : before.accounts)
    if (!after.accounts.contains(platform)) sections_.push_back("accounts." + platform);
  compare_all();
}

RuleEdits::RuleEdits(const RuleDigests& before, const Config& after)
    : after_config_(after),
      environment_(environment_of(after)),
      after_(statements_of(after)),
      before_(known_of(before, after_)) {
  compare_all();
}

RuleDigests RuleEdits::digests_of(const Config& config) {
  RuleDigests digests;
  for (const auto& [rule, statements] : statements_of(config))
    for (const auto& [digest, same] : by_digest(statements)) digests[rule].push_back(digest);
  return digests;
}

void RuleEdits::compare_all() {
  for (const auto& [rule, statements] : after_) compare(rule);
  for (const auto& [rule, statements] : before_)
    if (!after_.contains(rule)) compare(rule);
  std::sort(edits_.begin(), edits_.end(), [](const RuleEdit& a, const RuleEdit& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.rule) <
           std::tie(b.place.file, b.place.line, b.place.column, b.rule);
  });
  for (std::size_t i = 0; i < edits_.size(); ++i) by_rule_[edits_[i].rule] = i;
}

RuleEdits::Statements RuleEdits::statements_of(const Config& config) {
  Statements all;
  add_people(config, all);
  for (const auto& [platform, rules] : config.accounts) add_accounts(rules, all);
  for (const auto& [name, rows] : config.tables) {
    const SourceLocation place = key_place(config.table_places, name, {config.file.string()});
    std::vector<Statement>& statements = all["tables." + name];
    for (const auto& [key, value] : rows) statements.push_back({fmt::format("{}: {}", key, value), place});
  }
  return all;
}

/// The statements of one rule by the digest of what its place states: a table has one place for all its rows.
std::map<std::string, std::vector<RuleEdits::Statement>> RuleEdits::by_digest(
    const std::vector<Statement>& statements) {
  const auto at = [](const SourceLocation& place) { return std::tie(place.file, place.line, place.column); };
  std::map<std::string, std::vector<Statement>> all;
  for (auto first = statements.begin(); first != statements.end();) {
    std::string text;
    auto last = first;
    for (; last != statements.end() && at(last->place) == at(first->place); ++last) text += last->text + '\n';
    std::vector<Statement>& same = all[public_digest(text)];
    same.insert(same.end(), first, last);
    first = last;
  }
  return all;
}

/// Those statements that digests of an old configuration know.
RuleEdits::Statements RuleEdits::known_of(const RuleDigests& digests, const Statements& all) {
  Statements known;
  for (const auto& [rule, statements] : all) {
    const auto found = digests.find(rule);
    if (found == digests.end()) continue;
    for (const auto& [digest, same] : by_digest(statements))
      if (std::ranges::find(found->second, digest) != found->second.end())
        known[rule].insert(known[rule].end(), same.begin(), same.end());
  }
  return known;
}

void RuleEdits::add_people(const Config& config, Statements& all) {
  const PeopleRules& people = config.people;
  if (people.from.empty()) return;
  const auto at = [&](const char* key) { return key_place(people.keys, key, people.place); };
  all["people.from"] = {{joined(people.from), at("from")}};
  all["people.key"] = {{text_of(people.key), people.key.place, {&people.key}}};
  if (people.active.given())
    all["people.active"] = {{text_of(people.active), people.active.place, {&people.active}}};
  for (const auto& [name, expression] : people.attributes)
    all["people.attributes." + name] = {{text_of(expression), expression.place, {&expression}}};
  if (people.rekey_by_match) all["people.rekey"] = {{"by-match", at("rekey")}};
  for (const auto& [kind, guard] : people.guards)
    all[fmt::format("people.guards.{}", to_string(kind))] = {{guard_text(guard), guard.place}};
}

void RuleEdits::add_accounts(const AccountRules& rules, Statements& all) {
  const std::string prefix = fmt::format("accounts.{}", rules.platform);
  const auto at = [&](const char* key) { return key_place(rules.keys, key, rules.place); };
  all[prefix] = {{"rules for " + rules.platform, rules.place}};
  if (rules.who.given()) all[prefix + ".who"] = {{text_of(rules.who), rules.who.place, {&rules.who}}};
  for (const MatchRule& rule : rules.match)
    all[prefix + ".match"].push_back({fmt::format("{} is {}{}", rule.account, text_of(rule.person),
                                                  rule.fold_case ? " without regard to case" : ""),
                                      rule.place,
                                      {&rule.person}});
  for (const auto& [path, expression] : rules.set)
    all[fmt::format("{}.set.{}", prefix, path)] = {{text_of(expression), expression.place, {&expression}}};
  if (rules.groups) {
    all[prefix + ".groups"] = {{"groups are managed", at("groups")}};
    for (const GroupRule& rule : *rules.groups)
      all[fmt::format("{}.groups.{} {}", prefix, rule.kind, rule.name)].push_back(
          {group_text(rule), rule.place, {&rule.when}});
  }
  if (rules.keep_other_groups) all[prefix + ".other-groups"] = {{"keep", at("other-groups")}};
  if (rules.keep_other_details) all[prefix + ".other-actions"] = {{"keep", at("other-actions")}};
  all[prefix + ".leavers"] = {{leavers_text(rules.leavers), at("leavers")}};
  all[prefix + ".orphans"] = {{orphans_text(rules.orphans), at("orphans")}};
  all[prefix + ".without-update"] = {{choice(rules.without_update), at("without-update")}};
  all[prefix + ".create"] = {{rules.create ? "true" : "false", at("create")}};
  for (const auto& [kind, guard] : rules.guards)
    all[fmt::format("{}.guards.{}", prefix, to_string(kind))] = {{guard_text(guard), guard.place}};
}

/// The section that is new or gone as a whole and holds the rule; null: none.
const std::string* RuleEdits::whole_section(const std::string& rule) const {
  for (const std::string& section : sections_)
    if (rule.starts_with(section + ".")) return &section;
  return nullptr;
}

void RuleEdits::compare(const std::string& rule) {
  if (whole_section(rule) != nullptr) return;
  static const std::vector<Statement> none;
  const auto stated = [&](const Statements& all) -> const std::vector<Statement>& {
    const auto found = all.find(rule);
    return found == all.end() ? none : found->second;
  };
  // A statement that both have is no edit, wherever it stands.
  const auto only_in = [](const std::vector<Statement>& these, const std::vector<Statement>& others) {
    std::set<std::string_view> known;
    for (const Statement& other : others) known.insert(other.text);
    std::vector<const Statement*> only;
    for (const Statement& one : these)
      if (!known.contains(one.text)) only.push_back(&one);
    return only;
  };
  const auto old_only = only_in(stated(before_), stated(after_));
  const auto new_only = only_in(stated(after_), stated(before_));
  if (old_only.empty() && new_only.empty()) return;
  const auto text = [](const std::vector<const Statement*>& statements) {
    std::vector<std::string> texts;
    for (const Statement* one : statements) texts.push_back(one->text);
    return joined(texts);
  };
  const SourceLocation& place = new_only.empty() ? old_only.front()->place : new_only.front()->place;
  edits_.push_back({rule, place, text(old_only), text(new_only)});
}

std::set<std::string> RuleEdits::reads(const std::string& rule) const {
  std::set<std::string> read;
  const auto found = after_.find(rule);
  if (found == after_.end()) return read;
  const bool of_people = rule.starts_with("people.");
  for (const Statement& statement : found->second) {
    for (const Expression* expression : statement.expressions) {
      if (expression->source.empty()) continue;
      for (const auto& [table, rows] : after_config_.tables)
        if (names_table(expression->source, table)) read.insert("tables." + table);
      if (of_people) continue;
      const auto program =
          cel::Program::compile(expression->source, environment_, cel::Type::dyn(), {.checked = false});
      if (!program) continue;
      for (const std::string& path : program->fields("person")) {
        if (path.empty()) {
          for (const auto& [name, attribute] : after_config_.people.attributes)
            read.insert("people.attributes." + name);
        } else {
          const std::string name = path.substr(0, path.find('.'));
          read.insert(name == "key" ? "people.key" : "people.attributes." + name);
        }
      }
    }
  }
  return read;
}

std::set<std::size_t> RuleEdits::behind(const std::string& rule) const {
  const std::string* section = whole_section(rule);
  std::set<std::size_t> found;
  const auto own = by_rule_.find(section == nullptr ? rule : *section);
  if (own != by_rule_.end()) found.insert(own->second);
  if (section != nullptr) return found;
  for (const std::string& read : reads(rule)) {
    const std::set<std::size_t> deeper = behind(read);
    found.insert(deeper.begin(), deeper.end());
  }
  return found;
}

SourceLocation RuleEdits::place_of(const std::string& rule) const {
  for (const Statements* all : {&after_, &before_}) {
    const auto found = all->find(rule);
    if (found != all->end() && !found->second.empty()) return found->second.front().place;
  }
  return {};
}

}  // namespace usher
