#include "rules/people.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "state/model/excerpt.hpp"
#include "state/model/suggestion.hpp"

namespace usher {

namespace {

/// The field of the record that an evaluation asked for in vain; empty: it failed for another reason.
std::string missing_field(const cel::Program& program, const cel::Value& error) {
  for (const std::string& path : program.fields("record")) {
    std::string name = path.substr(0, path.find('.'));
    if (error.error_message() == "no such field: " + name) return name;
  }
  return {};
}

/// "; did you mean 'Status'?" for a field that the record (JSON) lacks, or which it has.
std::string field_hint(const std::string& missing, std::string_view record) {
  constexpr std::size_t most_shown = 8;
  const nlohmann::json whole = nlohmann::json::parse(record, nullptr, false);
  if (!whole.is_object() || whole.contains(missing)) return {};
  std::vector<std::string_view> names;  // sorted, as JSON keeps them
  for (const auto& [name, value] : whole.items()) names.push_back(whole.find(name).key());
  if (std::string near = did_you_mean(missing, names); !near.empty()) return near;
  const bool more = names.size() > most_shown;
  if (more) names.resize(most_shown);
  return fmt::format("; there are {}{}", fmt::join(names, ", "), more ? ", …" : "");
}

/// The members of `record` that expressions read, or nullopt when one looks at the record as a whole.
std::optional<std::set<std::string>> fields_read(const PeopleRules& rules,
                                                 const cel::Environment& environment) {
  std::set<std::string> names;
  std::vector<const Expression*> all = {&rules.key, &rules.active};
  for (const auto& [name, expression] : rules.attributes) all.push_back(&expression);
  for (const Expression* expression : all) {
    if (expression->source.empty()) continue;
    const auto program = cel::Program::compile(expression->source, environment);
    if (!program)
      return std::nullopt;  // reported when it is compiled for good, without what would follow from it
    for (const std::string& path : program->fields("record")) {
      if (path.empty()) return std::nullopt;
      names.insert(path.substr(0, path.find('.')));
    }
  }
  return names;
}

std::string shown(const cel::Value& value) {
  if (value.is_absent()) return "absent";
  std::string text;
  cel::append_json(value, text);
  return excerpt(text, 80);
}

}  // namespace

PeopleProgram::PeopleProgram(const PeopleRules& rules, const Config& config, ExpressionCompiler& compiler)
    : rules_(&rules) {
  declare_record(rules, config);
  key_ = compiler.compile(rules.key, environment_, cel::Type::string());
  active_ = compiler.compile(rules.active, environment_, cel::Type::boolean());
  compile_attributes(rules, compiler);
  refuse_unique(compiler);
  for (const Attribute& attribute : attributes_) uses_now_ = uses_now_ || attribute.program.uses("now");
  uses_now_ = uses_now_ || (active_ && active_->uses("now"));
}

void PeopleProgram::declare_record(const PeopleRules& rules, const Config& config) {
  const auto declare = [&](const cel::Type& record) {
    cel::Environment environment;
    record_slot_ = environment.declare("record", record);
    now_slot_ = environment.declare("now", cel::Type::timestamp());
    for (const auto& [name, rows] : config.tables) {
      environment.table(name, std::make_shared<const std::map<std::string, std::string>>(rows));
    }
    return environment;
  };
  environment_ = declare(cel::Type::dyn());
  const auto names = fields_read(rules, environment_);
  if (!names) return;
  std::vector<std::pair<std::string, cel::Type>> fields;
  for (const std::string& name : *names) fields.emplace_back(name, cel::Type::dyn());
  record_type_ = cel::Type::object(std::move(fields));
  environment_ = declare(record_type_);
}

void PeopleProgram::refuse_unique(ExpressionCompiler& compiler) const {
  const auto refuse = [&](const Expression& expression, const cel::Program& program) {
    if (!program.asks_others()) return;
    compiler.mistake(
        expression.place,
        "unique() chooses a value for one platform: it can stand only in set of an accounts rule");
  };
  if (key_) refuse(rules_->key, *key_);
  if (active_) refuse(rules_->active, *active_);
  for (const Attribute& attribute : attributes_) refuse(*attribute.expression, attribute.program);
}

void PeopleProgram::compile_attributes(const PeopleRules& rules, ExpressionCompiler& compiler) {
  std::vector<std::pair<std::string, cel::Type>> fields;
  for (const auto& [name, expression] : rules.attributes) {
    auto program = compiler.compile(expression, environment_, cel::Type::dyn());
    fields.emplace_back(name, program ? program->type() : cel::Type::dyn());
    if (program) attributes_.push_back({name, std::move(*program), &expression, 0});
  }
  const bool has_key =
      std::any_of(fields.begin(), fields.end(), [](const auto& field) { return field.first == "key"; });
  if (!has_key) fields.emplace_back("key", cel::Type::string());
  type_ = cel::Type::object(std::move(fields));
  for (Attribute& attribute : attributes_) attribute.slot = *type_.slot(attribute.name);
  key_slot_ = *type_.slot("key");
}

PeopleEvaluator::PeopleEvaluator(const PeopleProgram& program, cel::Moment now)
    : program_(program), now_(now), bindings_(program.environment_) {}

tl::expected<Person, PersonError> PeopleEvaluator::evaluate(std::string_view record) {
  bindings_.reset();
  bindings_.forget_turn();
  record_ = record;
  cel::Arena& arena = bindings_.arena();
  seen_ = program_.record_type_.is_dyn() ? cel::from_json(record, arena)
                                         : cel::object_from_json(record, program_.record_type_, arena);
  bindings_.set(program_.record_slot_, seen_);
  bindings_.set(program_.now_slot_, cel::Value::timestamp(now_));
  const auto id = key();
  if (!id) return tl::unexpected(PersonError{"", id.error()});
  const auto is_active = active();
  if (!is_active) return tl::unexpected(PersonError{std::string(*id), is_active.error()});
  auto values = attributes(*id);
  if (!values) return tl::unexpected(PersonError{std::string(*id), values.error()});
  return Person{*id, *is_active, *values};
}

tl::expected<std::string_view, RuleFailure> PeopleEvaluator::key() {
  const cel::Value key = program_.key_->evaluate(bindings_);
  if (key.is_error()) return tl::unexpected(explain(program_.rules_->key, *program_.key_, key));
  if (!key.is_string() || key.as_string().empty()) {
    return tl::unexpected(RuleFailure{
        fmt::format("{}: the key must be a text that is not empty", program_.rules_->key.place.to_string())});
  }
  return key.as_string();
}

tl::expected<bool, RuleFailure> PeopleEvaluator::active() {
  if (!program_.active_) return true;
  const cel::Value active = program_.active_->evaluate(bindings_);
  if (active.is_error()) return tl::unexpected(explain(program_.rules_->active, *program_.active_, active));
  if (!active.is_bool()) {
    const std::string place = program_.rules_->active.place.to_string();
    return tl::unexpected(
        RuleFailure{fmt::format("{}: active must be true or false, not {}", place, shown(active)),
                    fmt::format("{}: active must be true or false", place)});
  }
  return active.as_bool();
}

tl::expected<cel::Value, RuleFailure> PeopleEvaluator::attributes(std::string_view key) {
  cel::Arena& arena = bindings_.arena();
  const auto slots = arena.array<cel::Value>(program_.type_.fields().size());
  slots[program_.key_slot_] = cel::Value::string(key);
  for (const PeopleProgram::Attribute& attribute : program_.attributes_) {
    const cel::Value value = attribute.program.evaluate(bindings_);
    if (value.is_error()) return tl::unexpected(explain(*attribute.expression, attribute.program, value));
    slots[attribute.slot] = value;
  }
  return cel::Value::object(*arena.make(cel::Object{&program_.type_, slots}));
}

RuleFailure PeopleEvaluator::explain(const Expression& expression, const cel::Program& program,
                                     const cel::Value& error) {
  const std::string missing = missing_field(program, error);
  RuleFailure failure = explain_failure(expression, program, error, "record", seen_,
                                        missing.empty() ? "" : field_hint(missing, record_));
  failure.missing = missing;
  return failure;
}

RuleFailure explain_failure(const Expression& expression, const cel::Program& program,
                            const cel::Value& error, std::string_view variable, const cel::Value& seen,
                            std::string_view hint) {
  std::string values;
  for (const std::string& path : program.fields(variable)) {
    const std::string name = path.substr(0, path.find('.'));
    if (name.empty()) continue;  // looked at as a whole
    const cel::Value* value = seen.is_map() ? seen.find(name) : nullptr;
    values += fmt::format("{}{}.{} is {}", values.empty() ? "" : ", ", variable, name,
                          value == nullptr ? std::string("absent") : shown(*value));
  }
  std::string cause = fmt::format("{}: {}: {}{}", expression.place.to_string(), program.source(),
                                  error.error_message(), hint);
  return {values.empty() ? cause : fmt::format("{} ({})", cause, values), cause};
}

}  // namespace usher
