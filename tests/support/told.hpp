#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "state/model/plan.hpp"
#include "tests/support/world.hpp"

namespace usher::test {

/// "update ada@example.com name,tags", "add-membership ada@example.com g-engineers", "held disable …": what a
/// test compares operations by.
std::string line_of(const Operation& operation);
std::vector<std::string> lines_of(const Plan& plan);

/// "ambiguous E1": kind and person (or account, where there is no person) of each note.
std::vector<std::string> notes_of(const Plan& plan);

/// Every account of the platform, the engine's own included: identity -> {id, name, status, tags, metadata,
/// groups: {id: actions}}, what is empty left out.
nlohmann::json accounts_of(const World& world);

/// World::standard_rules() with changes laid over them, `people` and `accounts` (of the one platform); null
/// takes a key out. Every platform has standard rules of its own.
std::string rules_over_standard(const nlohmann::json& changes, const std::string& platform = "mainflux");

}  // namespace usher::test
