#pragma once

#include "rules/config.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Notes the accounts whose first secret the platform made and nobody got, where secrets are handed over.
void tell_lost_secrets(Plan& plan, Database& database, const Config& config);

}  // namespace usher
