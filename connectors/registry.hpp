#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/connector.hpp"

namespace usher {

/// One option a connector takes, for validation, `usher connector show` and the JSON Schema.
struct Option {
  std::string name;
  std::string type;  ///< string, url, secret, integer, boolean, duration, path
  bool required = false;
  std::string default_value;  ///< as it would be written; empty: none
  std::string about;
  std::vector<std::string> choices;
};

/// A kind of connector: built in or a recipe.
struct ConnectorKind {
  std::string name;
  std::string about;
  std::vector<Option> options;
  std::vector<std::string> login;  ///< those without a value of their own that the usual login takes
  bool target = false;             ///< can write
  std::string origin;              ///< "built in", or the recipe's file

  /// Whether somebody who writes a configuration has to give the option a value.
  bool needs(const Option& option) const;
};

class Observer;

/// What all platforms of one command share.
struct ConnectorContext {
  std::vector<std::string> recipe_folders;  ///< searched in order before the recipes that are built in
  std::shared_ptr<Observer> observer = {};  ///< is told what happens on the way to platforms; null: nobody is
  /// No wait that a platform asks for goes on beyond it.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
};

/// All kinds known here, sorted by name. Recipes that do not load are left out; find_connector_kind says why.
std::vector<ConnectorKind> connector_kinds(const ConnectorContext& context);

/// The kind of that name; nullopt when there is none. Throws std::runtime_error with file:line when its
/// recipe is wrong.
std::optional<ConnectorKind> find_connector_kind(const std::string& name, const ConnectorContext& context);

/// Makes a platform's connector from its settings, offline: no file is opened and no request leaves before
/// the first call. Every mistake in the settings is returned, located.
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_connector(
    const Settings& settings, const ConnectorContext& context);

/// What is allowed and unwise in a platform's settings, located. Empty where make_connector() finds mistakes.
std::vector<Diagnostic> connector_warnings(const Settings& settings, const ConnectorContext& context);

}  // namespace usher
