#pragma once

#include <string>
#include <vector>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// The manual page of one command, "usher-plan(1)", in man(7) macros. Made from the same table as its help.
std::string manual_page(const Command& command);

/// The manual page of a kind of file, with every key the loader of such files reads.
struct FilePage {
  std::string name;  ///< "usher.yaml", of section 5
  std::string text;
};
/// Those of usher.yaml(5) and usher-recipe(5).
std::vector<FilePage> file_pages();

/// The manual page "usher(1)": every command in one line, common options, environment, exit codes.
std::string manual_overview();

}  // namespace usher::cli
