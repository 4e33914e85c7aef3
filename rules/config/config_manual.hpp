#pragma once

#include <string>

namespace usher {

/// The reference of every key of the configuration, in Markdown, out of the table the loader checks against.
std::string config_manual();

}  // namespace usher
