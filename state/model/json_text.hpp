#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace usher {

/// How much of a JSON text that others wrote is taken: building, copying and printing a tree recurses, and a
/// value takes up to a hundred times the memory of its text.
struct JsonLimits {
  std::size_t levels = 200;
  std::size_t values = 1'000'000;
};

/// Whether a text nests deeper, or holds more values, than that. Counts brackets and commas outside of
/// strings: what is no JSON is counted too.
bool exceeds(std::string_view text, const JsonLimits& limits = {});

/// The value of a JSON text; discarded when it is none or exceeds the limits.
nlohmann::json parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace usher
