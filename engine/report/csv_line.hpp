#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// One line of a CSV file (RFC 4180) that people open with a spreadsheet, with its line end. A cell that a
/// spreadsheet would take for a formula (it begins with = + - @, a tab or a line break) begins with an
/// apostrophe instead. `usher dump`, which is read by programs, writes cells as they are.
std::string csv_line(const std::vector<std::string_view>& cells);

}  // namespace usher
