#pragma once

#include <string>
#include <vector>

#include "rules/yaml/shape_sections.hpp"

namespace usher {

/// Every map of the configuration and its keys, out of the table the loader checks against.
std::vector<ShapeSection> config_sections();

/// The reference of every key of the configuration, in Markdown, out of the same.
std::string config_manual();

}  // namespace usher
