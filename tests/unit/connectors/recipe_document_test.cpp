#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "connectors/recipe/recipe.hpp"

// Every example in docs/recipes.md loads: whole recipes as they are, pieces laid over a small one.
namespace usher::recipe {
namespace {

std::vector<std::string> examples() {
  std::ifstream file(USHER_SOURCE_DIR "/docs/recipes.md");
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```yaml") {
      inside = true;
      found.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      found.back() += line + "\n";
    }
  }
  return found;
}

std::string whole(const std::string& piece) {
  std::map<std::string, std::string> parts{{"options", ""}, {"auth", "auth: none\n"}, {"variants", ""}};
  std::string laid_over;
  std::istringstream lines(piece);
  std::string* part = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != ' ') {
      const auto own = parts.find(line.substr(0, line.find(':')));
      part = own == parts.end() ? nullptr : &own->second;
      if (part != nullptr) part->clear();
    }
    if (part != nullptr) {
      *part += line + "\n";
    } else {
      laid_over += "      " + line + "\n";
    }
  }
  std::string options = parts["options"].empty() ? "options:\n" : parts["options"];
  options += "  url: {type: url, about: Base}\n";
  if (!laid_over.empty()) parts["variants"] = "variants:\n  - when: \"true\"\n    recipe:\n" + laid_over;
  return "recipe: 1\nname: small\nabout: Small\n" + options + parts["auth"] + parts["variants"] +
         "user: {attributes: {mail: {}}, list: {request: GET /u, pages: none}}\n";
}

TEST(RecipeDocument, EveryExampleLoads) {
  const auto all = examples();
  ASSERT_GT(all.size(), 15u);
  for (const std::string& example : all) {
    const std::string text = example.starts_with("recipe: 1") ? example : whole(example);
    const auto loaded = load(text, "example");
    if (loaded) continue;
    for (const Diagnostic& mistake : loaded.error()) {
      ADD_FAILURE() << mistake.place.to_string() << ": " << mistake.message << "\nin:\n" << text;
    }
  }
}

}  // namespace
}  // namespace usher::recipe
