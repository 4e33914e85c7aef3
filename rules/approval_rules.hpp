#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "state/model/settings.hpp"

namespace usher {

/// approvals: who must sign what a guard holds before it is let through.
struct ApprovalRules {
  std::size_t required = 0;     ///< how many of `by` must sign; 0: nobody has to
  std::vector<std::string> by;  ///< principals, as the file of allowed signers has them
  std::filesystem::path signers =
      {};  ///< absolute: the file that says which keys are whose, see ssh-keygen(1)
  SourceLocation place = {};
};

}  // namespace usher
