#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/runtime/progress.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One platform to pull.
struct PullTarget {
  std::string platform;
  Connector* connector = nullptr;
};

/// Pulls platforms at once: a thread reads each, this thread writes the state. What a complete pull proved is
/// published sealed; one that drifted while it was read is repeated, and published as partial when it drifts
/// again. One that broke off publishes an empty partial snapshot, so that nobody takes an older seal for
/// today's; one that never reached its platform, too. Reports come in the order of the targets.
std::vector<PullReport> pull(Database& database, const std::vector<PullTarget>& targets, Progress& progress,
                             std::stop_token stop);

}  // namespace usher
