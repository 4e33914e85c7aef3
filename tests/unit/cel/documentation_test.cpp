#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "rules/cel/library.hpp"
#include "rules/cel/program.hpp"

// docs/expressions.md says of its examples that they are true. This evaluates each of them.
namespace usher::cel {
namespace {

std::string page() {
  std::ifstream file(USHER_SOURCE_DIR "/docs/expressions.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The lines of every fenced block of a language.
std::vector<std::string> lines_of(const std::string& text, const std::string& language) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) {
      inside = line == "```" + language;
    } else if (inside) {
      lines.push_back(line);
    }
  }
  return lines;
}

TEST(DocumentationTest, EveryExampleIsWhatThePageSays) {
  const std::string text = page();
  std::string variables;
  for (const auto& line : lines_of(text, "json")) variables += line;
  const auto given = nlohmann::json::parse(variables);
  Environment environment;
  const auto record = environment.declare("record", Type::dyn());
  const auto account = environment.declare("account", Type::dyn());
  const auto now = environment.declare("now", Type::timestamp());
  environment.table("departments", std::make_shared<const std::map<std::string, std::string>>(
                                       std::map<std::string, std::string>{{"eng", "Engineering"}}));
  Bindings bindings(environment);
  bindings.set_taken([](std::string_view candidate) { return candidate == "taken"; });
  bindings.set(record, from_json(given["record"], bindings.arena()));
  bindings.set(account, from_json(given["account"], bindings.arena()));
  const auto clock = Program::compile("timestamp('" + given["now"].get<std::string>() + "')", environment);
  bindings.set(now, clock->evaluate(bindings));

  const auto examples = lines_of(text, "cel");
  EXPECT_GT(examples.size(), 80U);
  for (const std::string& example : examples) {
    const auto program = Program::compile(example, environment);
    ASSERT_TRUE(program) << example << ": " << program.error().front().message;
    const Value value = program->evaluate(bindings);
    if (example.ends_with("// error")) {
      EXPECT_TRUE(value.is_error()) << example;
    } else {
      EXPECT_TRUE(value.is_true()) << example << (value.is_error() ? std::string(value.error_message()) : "");
    }
  }
}

TEST(DocumentationTest, EveryFunctionHasAnExample) {
  std::string examples;
  for (const auto& line : lines_of(page(), "cel")) examples += line + "\n";
  for (const std::string_view name : Library::standard().names()) {
    EXPECT_NE(examples.find(std::string(name) + "("), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace usher::cel
