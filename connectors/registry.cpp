#include "connectors/registry.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "connectors/files/csv.hpp"
#include "connectors/files/json.hpp"
#include "connectors/files/yaml.hpp"
#include "connectors/recipe/library.hpp"
#include "connectors/recipe/login_options.hpp"
#include "connectors/recipe/make.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

using Maker = tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> (*)(const Settings&);

struct BuiltIn {
  ConnectorKind (*kind)();
  Maker make;
};

constexpr std::array<BuiltIn, 4> built_in = {
    {{csv_kind, make_csv}, {json_kind, make_json}, {ndjson_kind, make_ndjson}, {yaml_kind, make_yaml}}};

ConnectorKind kind_of(const std::string& name, const recipe::Recipe& recipe) {
  const recipe::UserRecipe& user = recipe.user;
  ConnectorKind kind;
  kind.name = name;
  kind.about = recipe.about;
  kind.options = recipe::options_of(recipe);
  kind.login = recipe::login_options(recipe);
  kind.target = user.create || !user.updates.empty() || !user.disable.empty() || !user.remove.empty();
  kind.origin = recipe.file;
  return kind;
}

}  // namespace

bool ConnectorKind::needs(const Option& option) const {
  return option.required || std::find(login.begin(), login.end(), option.name) != login.end();
}

std::vector<ConnectorKind> connector_kinds(const ConnectorContext& context) {
  std::vector<ConnectorKind> kinds;
  for (const BuiltIn& one : built_in) kinds.push_back(one.kind());
  for (const std::string& name : recipe::names(context)) {
    if (const auto recipe = recipe::find(name, context); recipe && *recipe)
      kinds.push_back(kind_of(name, **recipe));
  }
  std::sort(kinds.begin(), kinds.end(),
            [](const ConnectorKind& a, const ConnectorKind& b) { return a.name < b.name; });
  return kinds;
}

std::optional<ConnectorKind> find_connector_kind(const std::string& name, const ConnectorContext& context) {
  for (const BuiltIn& one : built_in) {
    if (ConnectorKind kind = one.kind(); kind.name == name) return kind;
  }
  const auto recipe = recipe::find(name, context);
  if (recipe) return *recipe ? std::optional(kind_of(name, **recipe)) : std::nullopt;
  std::string all;
  for (const Diagnostic& mistake : recipe.error()) {
    all += (all.empty() ? "" : "\n") + mistake.place.to_string() + ": " + mistake.message;
  }
  throw std::runtime_error(all);
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_connector(
    const Settings& settings, const ConnectorContext& context) {
  for (const BuiltIn& one : built_in) {
    if (one.kind().name == settings.connector) return one.make(settings);
  }
  const auto recipe = recipe::find(settings.connector, context);
  if (!recipe) return tl::unexpected(recipe.error());
  if (*recipe) return recipe::make(*recipe, settings, http::system_clock(), context);
  std::vector<std::string> known;
  for (const BuiltIn& one : built_in) known.push_back(one.kind().name);
  for (std::string& name : recipe::names(context)) known.push_back(std::move(name));
  return tl::unexpected(std::vector<Diagnostic>{
      {settings.connector_place.line == 0 ? settings.place : settings.connector_place,
       "no connector is called '" + settings.connector + "'" + did_you_mean(settings.connector, known),
       {}}});
}

std::vector<Diagnostic> connector_warnings(const Settings& settings, const ConnectorContext& context) {
  const auto recipe = recipe::find(settings.connector, context);
  return recipe && *recipe ? recipe::warnings_of(**recipe, settings) : std::vector<Diagnostic>();
}

}  // namespace usher
