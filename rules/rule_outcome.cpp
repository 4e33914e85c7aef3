#include "rules/rule_outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <regex>

namespace usher {

namespace {

using Step = cel::Program::Step;

/// The chains of fields that were read, the longest at each place, each once.
std::vector<std::pair<std::string, std::string>> values_read(const std::vector<Step>& steps) {
  static const std::regex chain(R"re((record|person)(\.[A-Za-z_]\w*|\["[^"]*"\])+)re");
  std::vector<const Step*> chains;
  for (const Step& step : steps)
    if (std::regex_match(step.text, chain)) chains.push_back(&step);
  std::stable_sort(chains.begin(), chains.end(), [](const Step* a, const Step* b) {
    return a->offset != b->offset ? a->offset < b->offset : a->length > b->length;
  });
  std::vector<std::pair<std::string, std::string>> read;
  std::size_t covered = 0;
  for (const Step* step : chains) {
    if (step->offset < covered) continue;
    covered = step->offset + step->length;
    const bool known =
        std::any_of(read.begin(), read.end(), [&](const auto& one) { return one.first == step->text; });
    if (!known) read.emplace_back(step->text, step->value);
  }
  return read;
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

/// The parts of a chain of `&&`; the whole where it is none, or where `||` or `?` binds looser.
std::vector<std::string> conjuncts(std::string_view source) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (depth != 0) continue;
    if (c == '?' || source.substr(i, 2) == "||") return {trimmed(source)};
    if (source.substr(i, 2) != "&&") continue;
    parts.push_back(trimmed(source.substr(begin, i - begin)));
    begin = i + 2;
    ++i;
  }
  parts.push_back(trimmed(source.substr(begin)));
  return parts;
}

}  // namespace

std::string unmet_text(const RuleOutcome& rule) {
  std::string text = (rule.unmet.empty() ? rule.text : rule.unmet) + " is false";
  for (std::size_t i = 0; i < rule.read.size(); ++i)
    text += fmt::format("{}{} is {}", i == 0 ? ": " : ", ", rule.read[i].first, rule.read[i].second);
  return text;
}

RuleWitness::RuleWitness(const Config& config, const Rules& rules, cel::Moment now)
    : config_(config),
      now_(now),
      record_(scope("record", cel::Type::dyn())),
      person_(scope("person", rules.people().type())) {}

RuleWitness::Scope RuleWitness::scope(const char* subject, const cel::Type& type) const {
  Scope made;
  made.subject = made.environment.declare(subject, type);
  made.now = made.environment.declare("now", cel::Type::timestamp());
  for (const auto& [name, rows] : config_.tables)
    made.environment.table(name, std::make_shared<const std::map<std::string, std::string>>(rows));
  return made;
}

RuleOutcome RuleWitness::outcome(const Expression& rule, const Scope& scope,
                                 const cel::Value& subject) const {
  RuleOutcome outcome;
  outcome.text = rule.constant.value_or(rule.source);
  outcome.place = rule.place;
  if (rule.constant) {
    outcome.value = *rule.constant;
    return outcome;
  }
  cel::Bindings bindings(scope.environment);
  bindings.set(scope.subject, subject);
  bindings.set(scope.now, cel::Value::timestamp(now_));
  const auto program = cel::Program::compile(rule.source, scope.environment);
  if (!program) {  // it was compiled with the configuration, so that this names what cannot stand alone
    outcome.error = program.error().front().message;
    return outcome;
  }
  const cel::Value value = program->evaluate(bindings);
  if (value.is_error()) {
    outcome.error = value.error_message();
  } else {
    cel::append_json(value, outcome.value);
  }
  outcome.read = values_read(program->trace(bindings));
  if (!value.is_bool() || value.as_bool()) return outcome;
  for (const std::string& part : conjuncts(rule.source)) {
    const auto alone = cel::Program::compile(part, scope.environment);
    if (!alone || alone->evaluate(bindings).is_true()) continue;
    outcome.unmet = part;
    outcome.read = values_read(alone->trace(bindings));
    return outcome;
  }
  outcome.unmet = trimmed(rule.source);
  return outcome;
}

PeopleOutcomes RuleWitness::people(std::string_view record) {
  cel::Bindings memory(record_.environment);
  const cel::Value subject = cel::from_json(record, memory.arena());
  PeopleOutcomes all;
  all.key = outcome(config_.people.key, record_, subject);
  if (config_.people.active.given()) all.active = outcome(config_.people.active, record_, subject);
  for (const auto& [name, rule] : config_.people.attributes)
    all.attributes.emplace_back(name, outcome(rule, record_, subject));
  return all;
}

AccountOutcomes RuleWitness::account(const AccountRules& rules, const Person& person) {
  AccountOutcomes all;
  if (rules.who.given()) all.who = outcome(rules.who, person_, person.attributes);
  for (const auto& [path, rule] : rules.set) {
    RuleOutcome one = outcome(rule, person_, person.attributes);
    if (rule.source.find("unique(") == std::string::npos) all.set.emplace_back(path, std::move(one));
  }
  if (rules.groups) {
    for (const GroupRule& group : *rules.groups) {
      AccountOutcomes::Group& one = all.groups.emplace_back();
      one.rule = &group;
      if (group.when.given()) one.when = outcome(group.when, person_, person.attributes);
    }
  }
  for (const MatchRule& match : rules.match)
    all.match.push_back({&match, outcome(match.person, person_, person.attributes)});
  return all;
}

}  // namespace usher
