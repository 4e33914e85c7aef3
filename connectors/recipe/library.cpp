#include "connectors/recipe/library.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "connectors/built_in_recipes.hpp"

namespace usher::recipe {
namespace {

std::filesystem::path file_in(const std::string& folder, const std::string& name) {
  return std::filesystem::path(folder) / (name + ".yaml");
}

// A connector's name is a file's name: it must not lead anywhere else.
bool plain(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string::npos;
}

}  // namespace

std::vector<std::string> names(const ConnectorContext& context) {
  std::set<std::string> all;
  for (const auto& [name, text] : built_in_recipes) all.insert(std::string(name));
  for (const std::string& folder : context.recipe_folders) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".yaml" && plain(entry.path().stem().string())) {
        all.insert(entry.path().stem().string());
      }
    }
  }
  return {all.begin(), all.end()};
}

tl::expected<std::shared_ptr<const Recipe>, std::vector<Mistake>> find(const std::string& name,
                                                                       const ConnectorContext& context) {
  if (!plain(name)) return std::shared_ptr<const Recipe>();
  for (const std::string& folder : context.recipe_folders) {
    const auto path = file_in(folder, name);
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    return load(std::string(std::istreambuf_iterator<char>(file), {}), path.string());
  }
  if (const auto text = built_in(name)) return load(std::string(*text), "built-in " + name + ".yaml");
  return std::shared_ptr<const Recipe>();
}

std::optional<std::string_view> built_in(const std::string& name) {
  for (const auto& [known, text] : built_in_recipes) {
    if (known == name) return text;
  }
  return std::nullopt;
}

}  // namespace usher::recipe
