#include "engine/desired/desired_account_reader.hpp"

#include "engine/desired/desired_account_json.hpp"

namespace usher {

DesiredAccountReader::DesiredAccountReader(Connection& connection, const PlanningInput& input)
    : input_(input), records_(connection, input.sources), people_(input.rules->people(), input.now) {
  for (const Target& target : input.targets) {
    StickyAllocator& choice = choices_.emplace_back(connection, target.platform);
    accounts_.emplace_back(*target.program, input.now, &choice);
  }
}

DesiredAccountReader::Answer DesiredAccountReader::read(const Fingerprint& record, std::size_t target) {
  Answer answer;
  const auto found = records_.find(record);
  if (!found) return answer;
  answer.found = true;
  answer.record_generation = found->generation;
  answer.source = found->source;
  answer.sources = found->sources;
  const auto person = people_.evaluate(found->text);
  if (!person) {
    answer.id = person.error().id;
    answer.failure = person.error().failure;
    return answer;
  }
  answer.id = std::string(person->id);
  answer.active = person->active;
  AccountEvaluator& rules = accounts_[target];
  auto values = rules.match_values(*person);
  if (values) answer.match_values = *values;
  if (!person->active && !input_.targets[target].program->rules().leavers.create_disabled) return answer;
  const auto fail = [&](const RuleFailure& failure) {
    answer.failure = failure;
    return answer;
  };
  const auto in_scope = rules.in_scope(*person);
  if (!in_scope) return fail(in_scope.error());
  answer.in_scope = *in_scope;
  if (!answer.in_scope) return answer;
  const auto wanted = rules.wanted(*person);
  if (!wanted) return fail(wanted.error());
  auto content = desired_account_json(**wanted, *input_.targets[target].program);
  if (!content) return fail(content.error());
  answer.content = std::move(*content);
  if (!values) return fail(values.error());
  return answer;
}

}  // namespace usher
