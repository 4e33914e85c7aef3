#pragma once

#include <string>
#include <string_view>

#include "engine/cli/console.hpp"

namespace usher::cli {

/// A report that does not fit the terminal: its reader takes their time, so it waits until the command has
/// ended and keeps nothing locked.
struct WaitingReport {
  std::string text;     ///< empty: there is none
  std::string problem;  ///< lines for standard error, below it
};

/// The program that shows a report of this text on this terminal, as the shell reads it: USHER_PAGER, else
/// PAGER, else less. Empty: none, for it fits or nobody wants one.
std::string pager_for(std::string_view text, const Console& console);

/// Shows a report in the pager that there is for it and waits until its user leaves it; Ctrl-C meanwhile is
/// the pager's. Writes it to standard output where there is none, or it cannot be started.
void show_report(Console& console, std::string_view text, bool no_pager = false);

}  // namespace usher::cli
