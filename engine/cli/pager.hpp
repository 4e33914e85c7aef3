#pragma once

#include <string>
#include <string_view>

#include "engine/cli/console.hpp"

namespace usher::cli {

/// The program that shows long reports on this terminal, as the shell reads it: USHER_PAGER, else PAGER, else
/// less. Empty: none.
std::string pager_of(const Console& console);

/// Shows the text in that program and waits until its user leaves it. False: it could not be started, and
/// nothing was shown. Signals of the terminal meanwhile are the pager's.
bool show_in_pager(const std::string& pager, std::string_view text);

}  // namespace usher::cli
