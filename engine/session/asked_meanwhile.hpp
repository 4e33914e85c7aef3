#pragma once

#include <cstdint>
#include <string>

#include "engine/workspace/workspace.hpp"
#include "state/store/database.hpp"

namespace usher {

/// A digest of what decides a plan, as the configuration and its recipes say it on the disk now; it begins
/// with Config::digest. Empty where they have mistakes. No value of a secret is asked for.
std::string rules_on_disk(CommonOptions options);

/// How things stood when a question was asked.
struct AskedAt {
  std::int64_t run = 0;  ///< the newest run of the state
  std::string time;      ///< RFC 3339, UTC
};

/// Throws CommandError(plan_stale) where others gave the person something while the question was open, or
/// readmitted them: the plan does not know of it.
void stop_for_changed_person(Database& database, const std::string& person, const AskedAt& asked);

}  // namespace usher
