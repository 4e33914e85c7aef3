#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/cli/run.hpp"

namespace usher {

/// Runs `usher` in this process, with a console of strings: what a shell would see of it.
struct Shell {
  std::map<std::string, std::string> variables;
  std::string input;
  bool terminal = false;  ///< all three streams are one

  struct Result {
    ExitCode code;
    std::string out, err;
  };

  Result run(const std::vector<std::string>& words, std::stop_token stop = {}) const {
    std::istringstream in(input);
    std::ostringstream out, err;
    cli::Console console{in, out, err, terminal, terminal, terminal};
    console.variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const ExitCode code = cli::run(words, console, stop);
    return {code, out.str(), err.str()};
  }
};

}  // namespace usher
