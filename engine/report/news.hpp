#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/apply/apply_report.hpp"
#include "engine/notify/notice.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/plan.hpp"
#include "state/store/status.hpp"

namespace usher {

/// The news of a run that came to its end, one entry a kind. People are counted, not named.
std::vector<Notice> news_of(const std::vector<PullReport>& pulls, const Plan& plan,
                            const ApplyReport& report);

/// The news of a command that ended with an error.
Notice news_of_error(const Conditions& conditions, const std::string& message);

/// Platforms whose latest complete pull is older than so many seconds, or that were never read completely.
/// nullopt: none. now: seconds since 1970.
std::optional<Notice> news_of_age(const Status& status, std::int64_t now, std::int64_t max_age);

}  // namespace usher
