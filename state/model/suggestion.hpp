#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// The name among `known` nearest to a mistyped one, or empty when none is near (a few letters differ).
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// How a message about a mistyped name ends: "; did you mean 'plan'?", or `otherwise` when no name is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known,
                         std::string_view otherwise = {});
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::string_view otherwise = {});

}  // namespace usher
