#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "connectors/recipe/recipe.hpp"

namespace usher::recipe {

/// What a platform without the options that its login takes needs, as the rest of a sentence: "needs 'email'
/// and 'password' to log in, or 'token' instead". config: its options as expressions read them. Empty:
/// it lacks none.
std::string lacking_for_login(const Recipe& recipe, const nlohmann::json& config);

/// The options without a value of their own that the usual login takes, in the order of the recipe: the login
/// for which no option has to be given that says which one it is.
std::vector<std::string> login_options(const Recipe& recipe);

}  // namespace usher::recipe
