#include "rules/cel/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "rules/cel/checker.hpp"
#include "rules/cel/evaluator.hpp"
#include "rules/cel/folding.hpp"
#include "rules/cel/parser.hpp"
#include "rules/cel/time_dependence.hpp"

namespace usher::cel {

struct Program::Compiled {
  std::string source;
  Environment environment;  // keeps the types and tables that the operations point to
  Type wanted = Type::dyn();
  Type type = Type::dyn();
  Resources resources;
  Node root;
  std::map<std::string, std::set<std::string>, std::less<>> reads;  // variable -> dotted paths
  Kind wanted_kind = Kind::dyn;
  std::size_t variables = 0;  // of the environment
  bool constant = false;
  bool asks_others = false;
  TimeDependence time = TimeDependence::none;
};

namespace {

/// The variable and dotted path a chain of fields reads, empty where it is no such chain.
struct Path {
  std::string variable, fields;
};

/// "mail" of `record.mail` and of `record["mail"]`; empty: the node reads no field that a path can name.
std::string_view name_of_field(const Node& node) {
  if (node.op == Op::field || node.op == Op::select || node.op == Op::has || node.op == Op::select_maybe)
    return node.constant.as_string();
  if (node.op != Op::index && node.op != Op::index_maybe) return {};
  const Node& key = node.operands[1];
  if (key.op != Op::constant || !key.constant.is_string()) return {};
  const std::string_view name = key.constant.as_string();
  return name.find('.') == std::string_view::npos ? name : std::string_view();
}

Path path_of(const Node& node) {
  if (node.op == Op::variable) return {std::string(node.constant.as_string()), {}};
  const std::string_view name = name_of_field(node);
  if (name.empty()) return {};
  Path path = path_of(node.operands[0]);
  if (path.variable.empty()) return path;
  if (!path.fields.empty()) path.fields += '.';
  path.fields += name;
  return path;
}

void collect_reads(const Node& node, std::map<std::string, std::set<std::string>, std::less<>>& reads) {
  if (Path path = path_of(node); !path.variable.empty()) {
    reads[path.variable].insert(path.fields);
    return;
  }
  for (const Node& operand : node.operands) collect_reads(operand, reads);
}

/// How deep and large a result may be. Nesting that grows with every step of an expression is cut off here,
/// before anybody walks it.
constexpr int deepest_result = 100;
constexpr std::int64_t largest_result = 1'000'000;

bool is_nested(const Value& value) {
  return value.is_list() || value.is_map() || value.kind() == Kind::optional;
}

bool is_modest(const Value& value, int depth, std::int64_t& left) {
  if (--left < 0 || depth > deepest_result) return false;
  if (value.is_list()) {
    return std::all_of(value.as_list().begin(), value.as_list().end(), [&](const Value& item) {
      return is_nested(item) ? is_modest(item, depth + 1, left) : --left >= 0;
    });
  }
  if (value.kind() == Kind::optional) {
    return value.as_optional() == nullptr || is_modest(*value.as_optional(), depth + 1, left);
  }
  if (!value.is_map()) return true;
  return value.each_entry([&](const Value&, const Value& item) { return is_modest(item, depth + 1, left); });
}

/// Whether a value is what a type says, looking into lists and maps; null is always.
bool conforms(const Value& value, const Type& type) {
  if (type.is_dyn() || value.is_null()) return true;
  if (type.kind() == Kind::map && value.is_map()) {
    const Type held = type.value();
    return value.each_entry([&](const Value& key, const Value& item) {
      return conforms(key, type.element()) && conforms(item, held);
    });
  }
  if (value.kind() != type.kind()) return false;
  if (value.is_list() && !type.element().is_dyn()) {
    return std::all_of(value.as_list().begin(), value.as_list().end(),
                       [&](const Value& item) { return conforms(item, type.element()); });
  }
  return true;
}

std::string not_wanted(std::string_view given, const Type& wanted) {
  return fmt::format("the result is {} where {} is wanted", given, wanted.to_string());
}

std::string shown(const Value& value) {
  if (value.is_error()) return fmt::format("error: {}", value.error_message());
  std::string text;
  append_json(value, text);
  return text;
}

}  // namespace

Bindings::Bindings(const Environment& environment) : variables_(environment.size()) {}

void Bindings::reset() {
  std::fill(variables_.begin(), variables_.end(), Value());
  arena_.reset();
}

tl::expected<Program, std::vector<Diagnostic>> Program::compile(std::string_view source,
                                                                const Environment& environment,
                                                                const Type& wanted,
                                                                const Language& language) {
  auto compiled = std::make_shared<Compiled>();
  compiled->source = source;
  compiled->environment = environment;
  compiled->variables = environment.size();
  compiled->wanted = wanted;
  compiled->wanted_kind = wanted.kind();
  std::vector<Diagnostic> mistakes;
  const auto tree = parse(compiled->source, compiled->resources.arena, mistakes);
  if (!tree) return tl::unexpected(std::move(mistakes));
  Checker checker(compiled->environment, language, compiled->resources, mistakes);
  compiled->root = checker.check(*tree);
  compiled->type = compiled->root.type;
  if (mistakes.empty() && compiled->type.kind() != Kind::null && !wanted.accepts(compiled->type)) {
    mistakes.push_back(
        {tree->begin, tree->end - tree->begin, not_wanted(compiled->type.to_string(), wanted)});
  }
  if (language.checked && !mistakes.empty()) {
    std::stable_sort(mistakes.begin(), mistakes.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.offset < b.offset; });
    return tl::unexpected(std::move(mistakes));
  }
  collect_reads(compiled->root, compiled->reads);
  compiled->asks_others = cel::asks_others(compiled->root);
  compiled->constant = fold(compiled->root, compiled->resources);
  compiled->time = mark_comparisons(compiled->root);
  return Program(std::move(compiled));
}

Value Program::evaluate(Bindings& bindings) const {
  const Compiled& compiled = *compiled_;
  bindings.make_room(compiled.variables, compiled.resources.locals);
  Context context(bindings.arena_, most_steps, bindings.taken());
  const Value result =
      Evaluator(bindings.variables_.data(), bindings.locals_.data(), context).evaluate(compiled.root);
  if (compiled.time != TimeDependence::none) [[unlikely]]
    bindings.note_turn(compiled.time == TimeDependence::free ? 0 : context.turn());
  if (result.is_string() || result.is_bool()) [[likely]] {  // most are, and need no further look
    const bool wanted = compiled.wanted_kind == Kind::dyn || compiled.wanted_kind == result.kind();
    if (wanted && !context.budget().exhausted()) return result;
  }
  return judged(result, context);
}

const Type& Program::type() const {
  return compiled_->type;
}

const std::string& Program::source() const {
  return compiled_->source;
}

bool Program::uses(std::string_view variable) const {
  return compiled_->reads.find(variable) != compiled_->reads.end();
}

bool Program::constant() const {
  return compiled_->constant;
}

bool Program::asks_others() const {
  return compiled_->asks_others;
}

std::vector<std::string> Program::fields(std::string_view variable) const {
  const auto found = compiled_->reads.find(variable);
  if (found == compiled_->reads.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<Program::Step> Program::trace(Bindings& bindings) const {
  static constexpr std::size_t most_told = 1000;
  bindings.make_room(compiled_->variables, compiled_->resources.locals);
  Context context(bindings.arena_, most_steps, bindings.taken());
  std::vector<Step> steps;
  auto step = [&](const Node& node, const Value& value) {
    return Step{node.begin, node.end - node.begin,
                compiled_->source.substr(node.begin, node.end - node.begin), shown(value)};
  };
  const Evaluator::Observer observer = [&](const Node& node, const Value& value) {
    if (node.op == Op::constant || &node == &compiled_->root || steps.size() >= most_told) return;
    std::int64_t left = most_told;
    if (is_modest(value, 0, left) && value.size() < most_told) steps.push_back(step(node, value));
  };
  Evaluator evaluator(bindings.variables_.data(), bindings.locals_.data(), context, &observer);
  const Value result = evaluator.evaluate(compiled_->root);
  steps.push_back(step(compiled_->root, judged(result, context)));
  return steps;
}

/// The result as it leaves: an error where it took too much, is too large or not what was wanted.
Value Program::judged(const Value& result, Context& context) const {
  context.at(compiled_->root.begin, compiled_->root.end);
  if (context.budget().exhausted()) return context.error(gave_up);
  if (result.is_error()) return result;
  std::int64_t left = largest_result;
  if (is_nested(result) && !is_modest(result, 0, left)) return context.error("the result is too large");
  if (conforms(result, compiled_->wanted)) return result;
  return context.error(not_wanted(plain_name(result.kind()), compiled_->wanted));
}

}  // namespace usher::cel
