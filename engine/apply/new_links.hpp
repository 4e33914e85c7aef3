#pragma once

#include <vector>

#include "engine/apply/apply_report.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Records whose accounts the plan found. Where a platform was read since the plan was made, an account that
/// somebody else has by now, or a person who has another account, keeps what is recorded. Answers the
/// pairs whose account is somebody else's by now. One transaction of its own.
std::vector<OperationReport> record_new_links(Database& database, const Plan& plan);

}  // namespace usher
