#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/migrate/proposal.hpp"
#include "engine/migrate/verification.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// What both sides hold, how they are matched and mapped, and what does not come along: everything there is
/// to know before the plan.
std::string migration_text(const Migration& migration, const TextStyle& style);
nlohmann::ordered_json migration_json(const Migration& migration);

/// How many accounts of the new platform are disabled or locked and would be opened again by the plan.
std::uint64_t reopened(const Migration& migration, const Plan& plan);
/// The same as a sentence; empty: none.
std::string reopened_text(const Migration& migration, const Plan& plan, const TextStyle& style);

/// Who is where now, what differs and what was lost.
std::string parity_text(const Migration& migration, const Verification& parity, const TextStyle& style);
nlohmann::ordered_json parity_json(const Verification& parity);

}  // namespace usher
