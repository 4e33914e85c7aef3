#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "connectors/connector.hpp"
#include "engine/apply/apply_report.hpp"
#include "engine/apply/remainder.hpp"
#include "engine/apply/waves.hpp"
#include "engine/runtime/progress.hpp"
#include "rules/config.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One platform to execute on.
struct ExecuteTarget {
  Connector* connector = nullptr;
  const AccountRules* rules = nullptr;
};

/// Carries out the operations of a plan that no guard holds. The journal knows of each before its request
/// leaves. Operations on one account run in order; accounts of one platform run side by side, platforms too.
/// Before the first operation on an existing account, the account is read and compared with what the plan
/// relied on: what changed since is skipped and said. A write whose outcome is unknown is settled by reading
/// back. A platform that refuses the credentials, or answers nothing but failures, is left alone for the rest
/// of the run. A stop lets what is in flight end.
/// Of the plan only what remains is done, one wave after the other. A wave begins when the one before is
/// done, not too much of it failed, and the gate between them ended well; what is not begun is skipped. The
/// gate is run again where an earlier run of the plan ended before it.
ApplyReport execute(Database& database, const Plan& plan, const Remainder& remainder,
                    const std::map<std::string, ExecuteTarget>& targets, const WaveRules& waves,
                    std::int64_t run, Progress& progress, std::stop_token stop);

}  // namespace usher
