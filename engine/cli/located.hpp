#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "state/model/settings.hpp"

namespace usher::cli {

/// Mistakes for scripts: [{"file", "line", "column", "message"}].
nlohmann::ordered_json located_json(const std::vector<Diagnostic>& mistakes);

}  // namespace usher::cli
