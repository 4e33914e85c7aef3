#pragma once

#include <string>
#include <vector>

#include "engine/answers/inquiry.hpp"

namespace usher {

/// An account that belongs to nobody who is declared.
struct Orphan {
  std::string platform, account, label;
  bool active = true;
  bool own = false;   ///< the account this program logs in with
  std::string since;  ///< when a pull first saw it as it is
};

/// The accounts nobody is linked to and nobody would be by the plan, by platform and label. plan: of the same
/// state and configuration. on: only there; empty: everywhere.
std::vector<Orphan> orphans(Inquiry& inquiry, const Plan& plan, const std::string& on);

}  // namespace usher
