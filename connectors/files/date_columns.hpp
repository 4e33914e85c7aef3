#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// Which columns hold dates, and how each of them may write one: the first pattern that fits counts.
using DateColumns = std::map<std::string, std::vector<std::string>>;

/// A date as ISO 8601 writes it ("2026-03-01", with a time of day "2026-03-01T08:30:00Z"). Blank cells and
/// dates of nothing but zeros are empty. nullopt: no pattern fits.
std::optional<std::string> iso_date(std::string_view cell, const std::vector<std::string>& patterns);

}  // namespace usher
