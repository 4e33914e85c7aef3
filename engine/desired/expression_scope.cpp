#include "engine/desired/expression_scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/desired/account_variable.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/desired/unique_allocators.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Where a byte of the expression stands, and its line.
Diagnostic located(const std::string& expression, const cel::Diagnostic& wrong) {
  const std::size_t offset = std::min(wrong.offset, expression.size());
  const std::size_t begin = offset == 0 ? 0 : expression.rfind('\n', offset - 1) + 1;
  const auto line =
      1 + std::count(expression.begin(), expression.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  return {{"expression", static_cast<int>(line), static_cast<int>(offset - begin) + 1},
          wrong.message,
          expression.substr(begin, expression.find('\n', begin) - begin)};
}

}  // namespace

struct EvaluationScope::Implementation {
  /// As it is declared and bound.
  struct Variable {
    std::string name;
    cel::Type type = cel::Type::dyn();
    cel::Value value;
  };

  cel::Environment environment;
  std::vector<Variable> variables;
  cel::Arena arena;  // of the variables' values
  std::function<bool(std::string_view)> taken;
  // Of a person; they keep what the variables point to.
  std::optional<PeopleEvaluator> people;
  std::unique_ptr<NewAllocator> choice;
  std::unique_ptr<PlanningInput> input;
  std::optional<Person> person;

  void add(std::string name, cel::Type type, cel::Value value) {
    try {
      environment.declare(name, type);
    } catch (const std::invalid_argument&) {
      throw CommandError(ExitCode::usage, fmt::format("The variable '{}' is there already.", name));
    }
    variables.push_back({std::move(name), std::move(type), value});
  }

  void add_all(const json& members) {
    for (const auto& [name, value] : members.items()) {
      if (name == "now") continue;
      add(name, cel::Type::dyn(), cel::from_json(value, arena));
    }
  }

  void add_now(const std::string& text) {
    const auto read = cel::Program::compile("timestamp(" + json(text).dump() + ")", cel::Environment());
    cel::Bindings none{cel::Environment()};
    const cel::Value value = read ? read->evaluate(none) : cel::Value::error("no time", none.arena());
    if (value.is_error())
      throw CommandError(ExitCode::usage,
                         fmt::format("now: '{}' is no RFC 3339 time such as {}", text, now_text()));
    add("now", cel::Type::timestamp(), value);
  }

  void add_person(Database& database, const Workspace& setup, const std::string& key);
  void add_account(Database& database, const Workspace& setup, const std::string& platform);
};

EvaluationScope::EvaluationScope(const json& variables)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->add_all(variables);
  implementation_->add_now(variables.value("now", now_text()));
}

EvaluationScope::EvaluationScope(Database& database, const Workspace& setup, const std::string& key,
                                 const std::string& platform, const json& variables)
    : implementation_(std::make_unique<Implementation>()) {
  for (const auto& [name, rows] : setup.config->tables)
    implementation_->environment.table(name, std::make_shared<const cel::Environment::Rows>(rows));
  implementation_->input = std::make_unique<PlanningInput>(planning_input(database, setup, now_text()));
  implementation_->add_person(database, setup, key);
  if (!platform.empty()) implementation_->add_account(database, setup, platform);
  implementation_->add_all(variables);
}

EvaluationScope::~EvaluationScope() = default;

void EvaluationScope::Implementation::add_person(Database& database, const Workspace& setup,
                                                 const std::string& key) {
  const Fingerprinter& fingerprints = database.fingerprints();
  const auto row = People(database.connection()).find(fingerprints.of_person(key));
  SourceRecords records(database.connection(), input->sources);
  const auto record = records.find(row ? row->record : fingerprints.of_id(key));
  if (!record) {
    throw CommandError(
        ExitCode::failed,
        fmt::format("The state knows nobody with the key '{}'. 'usher pull' reads the sources anew.", key));
  }
  people.emplace(setup.rules->people(), input->now);
  const auto derived = people->evaluate(record->text);
  add("record", cel::Type::dyn(), cel::from_json(record->text, arena));
  if (derived) {
    person = *derived;
    add("person", setup.rules->people().type(), derived->attributes);
  } else {
    add("person", setup.rules->people().type(),
        cel::Value::error("person: " + derived.error().failure.message, arena));
  }
  add("now", cel::Type::timestamp(), cel::Value::timestamp(input->now));
}

void EvaluationScope::Implementation::add_account(Database& database, const Workspace& setup,
                                                  const std::string& platform) {
  const auto target = std::find_if(input->targets.begin(), input->targets.end(),
                                   [&](const Target& each) { return each.name == platform; });
  if (target == input->targets.end()) {
    std::vector<std::string> known;
    for (const Target& each : input->targets) known.push_back(each.name);
    throw CommandError(
        ExitCode::usage,
        fmt::format("The state knows no platform '{}' that people have accounts on; it knows {}.", platform,
                    known.empty() ? std::string("none") : fmt::format("{}", fmt::join(known, ", "))));
  }
  const std::string id(person ? person->id : std::string_view());
  const auto link = Links(database.connection()).of_person(target->platform, id);
  const auto stored =
      link ? Snapshots(database.connection()).find(target->platform, link->key) : std::nullopt;
  add("account", cel::Type::dyn(),
      stored ? cel::from_json(account_variable(stored->account), arena) : cel::Value::null());
  std::vector<std::string> attributes = target->program->unique_attributes();
  if (attributes.empty()) attributes.push_back(setup.connectors.at(platform)->capabilities().natural_key);
  choice = std::make_unique<NewAllocator>(database, database.connection(), target->platform, attributes);
  choice->set_account(link ? std::optional(link->key) : std::nullopt);
  taken = [this, attributes, id](std::string_view candidate) {
    const std::string value = json(candidate).dump();
    return !std::all_of(attributes.begin(), attributes.end(),
                        [&](const std::string& attribute) { return choice->is_free(id, attribute, value); });
  };
}

tl::expected<Evaluation, std::vector<Diagnostic>> EvaluationScope::evaluate(const std::string& expression) {
  const Implementation& self = *implementation_;
  const auto program = cel::Program::compile(expression, self.environment);
  if (!program) {
    std::vector<Diagnostic> mistakes;
    for (const cel::Diagnostic& wrong : program.error()) mistakes.push_back(located(expression, wrong));
    return tl::unexpected(std::move(mistakes));
  }
  cel::Bindings bindings(self.environment);
  for (const Implementation::Variable& variable : self.variables)
    bindings.set(*self.environment.find(variable.name), variable.value);
  if (self.taken) bindings.set_taken(self.taken);
  Evaluation result;
  const cel::Value value = program->evaluate(bindings);
  result.type =
      program->type().is_certain() ? program->type().to_string() : std::string(plain_name(value.kind()));
  if (value.is_error()) {
    result.type = program->type().to_string();
    result.error = value.error_message();
  } else {
    cel::append_json(value, result.value);
  }
  result.steps = program->trace(bindings);
  return result;
}

}  // namespace usher
