#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/check/health_check.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

/// The findings as a table for a terminal, with one line that sums them up.
std::string doctor_text(const std::vector<Finding>& findings, const TextStyle& style);
/// {"report":"doctor","exit":…,"findings":[{"level","about","what","message"}]}
nlohmann::ordered_json doctor_json(const std::vector<Finding>& findings);

}  // namespace usher
