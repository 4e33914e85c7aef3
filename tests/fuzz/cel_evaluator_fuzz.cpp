// Evaluates any expression over any JSON: `expression`, a NUL, and the JSON bound to `x`, `record` and
// `account`. The answer is a value that can be written, the same each time, and the last step of a trace.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/cel/program.hpp"

namespace {

using namespace usher::cel;

constexpr std::string_view some_json =
    R"({"a":1,"b":[1,2.5,"c",null,{"d":true}],"first":"Zoë","last":"Łukasz","mail":"Z@Example.com","tags":["a","b"]})";

std::string shown(const Value& value) {
  if (value.is_error()) {
    if (value.error_message().empty()) std::abort();
    return "error: " + std::string(value.error_message());
  }
  std::string text;
  append_json(value, text);
  return text;
}

struct World {
  Type record = Type::object({{"a", Type::integer()},
                              {"b", Type::list(Type::dyn())},
                              {"first", Type::string()},
                              {"mail", Type::string()},
                              {"tags", Type::list(Type::string())}});
  Environment environment;

  World() {
    environment.declare("x", Type::dyn());
    environment.declare("record", record);
    environment.declare("account", Type::map(Type::string(), Type::dyn()));
    environment.declare("now", Type::timestamp());
    environment.table("t", std::make_shared<const std::map<std::string, std::string>>(
                               std::map<std::string, std::string>{{"a", "b"}}));
  }
};

void evaluate(const World& world, const Program& program, std::string_view json) {
  Bindings bindings(world.environment);
  bindings.set_taken([](std::string_view candidate) { return candidate.size() % 2 == 0; });
  std::string first;
  for (int round = 0; round < 2; ++round) {
    bindings.reset();
    const Value value = from_json(json, bindings.arena());
    bindings.set(0, value.is_error() ? Value::null() : value);
    const Value object = object_from_json(json, world.record, bindings.arena());
    if (!object.is_error()) bindings.set(1, object);
    if (value.is_map()) bindings.set(2, value);
    bindings.set(3, Value::timestamp({1'700'000'000, 123}));
    const std::string answer = shown(program.evaluate(bindings));
    if (round == 0) first = answer;
    if (answer != first) std::abort();
  }
  const auto steps = program.trace(bindings);
  if (steps.empty() || steps.back().value != first) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  const std::string_view json = end == std::string_view::npos ? some_json : input.substr(end + 1);
  for (const bool checked : {true, false}) {
    const auto program = Program::compile(input.substr(0, end), world.environment, Type::dyn(),
                                          {.checked = checked, .macros = true});
    if (program) evaluate(world, *program, json);
  }
  return 0;
}
