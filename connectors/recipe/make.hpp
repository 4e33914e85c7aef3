#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/http/clock.hpp"
#include "connectors/recipe/recipe.hpp"
#include "state/model/settings.hpp"

namespace usher::recipe {

/// The options a platform of this recipe takes: the recipe's own, then those all recipes have.
std::vector<Option> options_of(const Recipe& recipe);

/// A connector for one configured platform, with its session, budget and retries around it. Offline. Every
/// mistake of the settings is returned, located.
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make(
    std::shared_ptr<const Recipe> recipe, const Settings& settings, http::Clock& clock = http::system_clock(),
    const ConnectorContext& context = {});

/// What is allowed and unwise in a platform's settings: credentials that travel unencrypted to another
/// machine, a secret in clear text in a file that others can read, a `url` that requests do not go to, a file
/// that takes the place of a built-in recipe.
std::vector<Diagnostic> warnings_of(const Recipe& recipe, const Settings& settings);

/// Whether the recipe takes a `url` and sends its requests elsewhere; false too where it takes none.
bool ignores_url(const Recipe& recipe);

}  // namespace usher::recipe
