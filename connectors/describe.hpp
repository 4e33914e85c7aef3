#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connectors/registry.hpp"

namespace usher {

/// What a platform can and cannot do, a sentence a line, in a fixed order.
std::vector<std::string> in_words(const Capabilities& capabilities);

/// The capabilities of a kind as it is with all its options at their defaults; nullopt for a kind that only
/// reads records (its schema is what stands in the file) or that does not exist.
std::optional<Capabilities> capabilities_of_kind(const std::string& name, const ConnectorContext& context);

/// Every mistake in a recipe's file, sorted by place; empty: it is in order. Throws std::runtime_error when
/// the file cannot be read.
std::vector<Mistake> lint_recipe(const std::filesystem::path& file);

}  // namespace usher
