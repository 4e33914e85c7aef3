// Runs cases of CEL's public conformance suite: `cel_conformance FILE…`. Prints each case that fails and
// closes with how many passed and failed. A file that is not there is skipped: the public suite is no part of
// this project.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rules/cel/compare.hpp"
#include "rules/cel/program.hpp"

namespace {

using namespace usher::cel;
using nlohmann::json;

std::string unhex(const std::string& text) {
  std::string octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    octets += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return octets;
}

/// A value of the suite's own notation: {"int": "42"}, {"list": […]}.
Value typed(const json& written, Arena& arena) {
  const std::string& kind = written.begin().key();
  const json& content = written.begin().value();
  if (kind == "null") return Value::null();
  if (kind == "bool") return Value::boolean(content.get<bool>());
  if (kind == "int") return Value::integer(std::stoll(content.get<std::string>()));
  if (kind == "uint") return Value::unsigned_integer(std::stoull(content.get<std::string>()));
  if (kind == "double") return Value::real(std::strtod(content.get<std::string>().c_str(), nullptr));
  if (kind == "string") return Value::string(arena.copy(content.get<std::string>()));
  if (kind == "bytes") return Value::bytes(arena.copy(unhex(content.get<std::string>())));
  if (kind == "type") return Value::type(arena.copy(content.get<std::string>()));
  if (kind == "list") {
    const auto items = arena.array<Value>(content.size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = typed(content[i], arena);
    return Value::list(items);
  }
  if (kind == "map") {
    const auto entries = arena.array<Entry>(content.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = {typed(content[i][0], arena), typed(content[i][1], arena)};
    }
    return Value::map(*Map::make(entries, arena));
  }
  throw std::runtime_error("a kind of value that the suite does not know: " + kind);
}

/// Sameness of kind and content: unlike CEL's equality, 1 is not 1u and NaN is NaN.
bool same(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  if (left.is_double()) {
    return left.as_double() == right.as_double() ||
           (std::isnan(left.as_double()) && std::isnan(right.as_double()));
  }
  if (left.is_list()) {
    const auto a = left.as_list();
    const auto b = right.as_list();
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
  }
  if (left.is_map()) {
    return left.size() == right.size() && left.each_entry([&](const Value& key, const Value& value) {
      const Value* other = right.find(key);
      return other != nullptr && same(value, *other);
    });
  }
  Budget budget(1000);
  return equal(left, right, budget);
}

std::string shown(const Value& value) {
  if (value.is_error()) return "error: " + std::string(value.error_message());
  std::string text(plain_name(value.kind()));
  text += ' ';
  append_json(value, text);
  return text;
}

struct Count {
  int passed = 0, failed = 0;
};

std::string outcome(const json& test) {
  Environment environment;
  const json bound = test.value("bindings", json::object());
  for (const auto& [name, value] : bound.items()) environment.declare(name, Type::dyn());
  Bindings bindings(environment);
  Environment::Slot slot = 0;
  for (const auto& [name, value] : bound.items()) bindings.set(slot++, typed(value, bindings.arena()));
  Language language;
  language.checked = false;  // the suite expects errors at run time, not refusals
  language.macros = !test.value("disable_macros", false);
  const auto program =
      Program::compile(test.at("expr").get<std::string>(), environment, Type::dyn(), language);
  const bool fails = test.value("error", false);
  if (!program) return fails ? "" : "expected a value, got a mistake: " + program.error().front().message;
  const Value got = program->evaluate(bindings);
  if (fails) return got.is_error() ? "" : "expected an error, got " + shown(got);
  const Value expected = typed(test.at("value"), bindings.arena());
  return same(got, expected) ? "" : "expected " + shown(expected) + ", got " + shown(got);
}

/// The cases of all files that are there.
std::vector<json> read_cases(const std::vector<std::string>& files) {
  std::vector<json> cases;
  for (const std::string& name : files) {
    std::ifstream file(name);
    if (!file) std::cout << name << ": skipped, it is not there\n";
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) cases.push_back(json::parse(line));
    }
  }
  return cases;
}

int write_corpus(const std::filesystem::path& folder, const std::vector<json>& cases) {
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::ofstream(folder / std::to_string(i)) << cases[i].at("expr").get<std::string>();
  }
  std::cout << cases.size() << " expressions in " << folder.string() << '\n';
  return 0;
}

int run(const std::vector<json>& cases) {
  Count total;
  std::map<std::string, Count> by_file;
  for (const json& test : cases) {
    const auto file = test.at("file").get<std::string>();
    const std::string problem = outcome(test);
    ++(problem.empty() ? by_file[file].passed : by_file[file].failed);
    ++(problem.empty() ? total.passed : total.failed);
    if (problem.empty()) continue;
    std::cout << file << ' ' << test.at("section").get<std::string>() << ' '
              << test.at("name").get<std::string>() << ": " << problem << "   "
              << test.at("expr").get<std::string>() << '\n';
  }
  for (const auto& [name, part] : by_file) {
    std::cout << name << ": " << part.passed << " passed, " << part.failed << " failed\n";
  }
  std::cout << total.passed << " passed, " << total.failed << " failed\n";
  return total.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> given(arguments + 1, arguments + count);
  if (given.size() < 2 || given[0] != "--corpus") return run(read_cases(given));
  const std::filesystem::path folder = given[1];
  given.erase(given.begin(), given.begin() + 2);
  return write_corpus(folder, read_cases(given));
}
