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

// Recipes may lie beside configurations and whatever else is YAML.
bool begins_a_line(const std::string& text, const std::string& key) {
  return text.starts_with(key) || text.find("\n" + key) != std::string::npos;
}
bool is_configuration(const std::string& text) {
  return begins_a_line(text, "platforms:");
}

std::optional<std::string> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::vector<std::string> names(const ConnectorContext& context) {
  std::set<std::string> all;
  for (const auto& [name, text] : built_in_recipes) all.insert(std::string(name));
  for (const std::string& folder : context.recipe_folders) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().stem().string();
      if (entry.path().extension() != ".yaml" || !plain(name) || !entry.is_regular_file(ignored)) continue;
      if (const auto text = read(entry.path()); text && begins_a_line(*text, "recipe:")) all.insert(name);
    }
  }
  return {all.begin(), all.end()};
}

std::optional<Source> source(const std::string& name, const ConnectorContext& context) {
  if (!plain(name)) return std::nullopt;
  for (const std::string& folder : context.recipe_folders) {
    const auto path = file_in(folder, name);
    if (auto text = read(path); text && !is_configuration(*text))
      return Source{std::move(*text), path.string()};
  }
  for (const auto& [known, text] : built_in_recipes) {
    if (known == name) return Source{std::string(text), std::string(built_in_mark) + name + ".yaml"};
  }
  return std::nullopt;
}

tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> find(const std::string& name,
                                                                          const ConnectorContext& context) {
  const auto found = source(name, context);
  return found ? load(found->text, found->file) : std::shared_ptr<const Recipe>();
}

}  // namespace usher::recipe
