#include "engine/check/rule_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "rules/unique_allocator.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

/// Gives everybody their first choice.
class FirstChoice : public UniqueAllocator {
 public:
  std::optional<std::size_t> choose(const Person&, const std::string&, const Offers& offers) override {
    return offers() ? std::optional<std::size_t>(0) : std::nullopt;
  }
};

bool is_some(const cel::Value& value) {
  return !value.is_error() && !value.is_null() && !(value.is_string() && value.as_string().empty());
}

}  // namespace

struct RuleTrial::Implementation {
  struct Platform {
    std::string name;
    const AccountProgram* program;
    std::unique_ptr<AccountEvaluator> evaluator;
  };

  Implementation(const Config& rules_of, const Rules& compiled, cel::Moment moment)
      : config(rules_of), people(compiled.people(), moment) {
    for (const auto& [name, program] : compiled.accounts())
      platforms.push_back({name, &program, std::make_unique<AccountEvaluator>(program, moment, &choice)});
    list_rules();
  }

  /// what: what firing is noted by; never null.
  void list(const void* what, std::string rule, std::string text, const SourceLocation& place) {
    found.push_back({{std::move(rule), std::move(text), place}, what});
  }

  static std::string text_of(const Expression& expression) {
    return expression.constant.value_or(expression.source);
  }

  void list_rules() {
    const PeopleRules& declared = config.people;
    if (declared.active.given())
      list(&declared.active, "people.active", text_of(declared.active), declared.active.place);
    for (const Platform& platform : platforms) {
      const AccountRules& rules = platform.program->rules();
      const std::string section = "accounts." + platform.name;
      list(&rules, rules.who.given() ? section + ".who" : section, text_of(rules.who),
           rules.who.given() ? rules.who.place : rules.place);
      for (const MatchRule& rule : rules.match)
        list(&rule, section + ".match." + rule.account, text_of(rule.person), rule.place);
      for (const auto& [path, expression] : rules.set)
        list(&expression, section + ".set." + path, text_of(expression), expression.place);
      if (!rules.groups) continue;
      for (const GroupRule& rule : *rules.groups)
        list(&rule, fmt::format("{}.groups.{} {}", section, rule.kind, rule.name), text_of(rule.when),
             rule.place);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first.place.line, a.first.place.column) <
             std::tie(b.first.place.line, b.first.place.column);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      index[found[i].second] = i;
      all.push_back(found[i].first);
    }
  }

  void fire(const void* what) {
    const auto known = index.find(what);
    if (known != index.end()) fired.insert(known->second);
  }

  TrialOutcome outcome(Platform& platform, const Person& person) {
    TrialOutcome result;
    const auto in_scope = platform.evaluator->in_scope(person);
    if (!in_scope) {
      result.error = in_scope.error().message;
      return result;
    }
    result.in_scope = *in_scope;
    if (!person.active || !result.in_scope) return result;
    const AccountRules& rules = platform.program->rules();
    fire(&rules);
    if (const auto values = platform.evaluator->match_values(person); values)
      for (std::size_t i = 0; i < values->size() && i < rules.match.size(); ++i)
        if (!(*values)[i].empty()) fire(&rules.match[i]);
    const auto wanted = platform.evaluator->wanted(person);
    if (!wanted) {
      result.error = wanted.error().message;
      return result;
    }
    for (const WantedAccount::Value& value : (*wanted)->values) {
      const nlohmann::json held = normalised(cel::to_json(value.value), *value.assignment->attribute);
      result.set[value.assignment->path] =
          held.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      if (is_some(value.value)) fire(value.assignment->expression);
    }
    for (const GroupRule* group : (*wanted)->groups) fire(group);
    result.groups = (*wanted)->groups;
    return result;
  }

  const Config& config;
  FirstChoice choice;
  PeopleEvaluator people;
  std::vector<Platform> platforms;
  std::vector<std::pair<FirableRule, const void*>> found;
  std::vector<FirableRule> all;
  std::map<const void*, std::size_t> index;
  std::set<std::size_t> fired;
};

RuleTrial::RuleTrial(const Config& config, const Rules& rules, cel::Moment now)
    : implementation_(std::make_unique<Implementation>(config, rules, now)) {}

RuleTrial::~RuleTrial() = default;

tl::expected<TrialPerson, PersonError> RuleTrial::apply(const std::string& record) {
  Implementation& self = *implementation_;
  const auto person = self.people.evaluate(record);
  if (!person) return tl::unexpected(person.error());
  TrialPerson result{std::string(person->id), person->active, {}};
  if (person->active) self.fire(&self.config.people.active);
  for (Implementation::Platform& platform : self.platforms)
    result.platforms[platform.name] = self.outcome(platform, *person);
  return result;
}

const std::vector<FirableRule>& RuleTrial::rules() const {
  return implementation_->all;
}

const std::set<std::size_t>& RuleTrial::fired() const {
  return implementation_->fired;
}

}  // namespace usher
