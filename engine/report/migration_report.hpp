#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/migrate/proposal.hpp"
#include "engine/migrate/verification.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

/// What both sides hold, how they are matched and mapped, and what does not come along: everything there is
/// to know before the plan.
std::string migration_text(const Migration& migration, const TextStyle& style);
nlohmann::ordered_json migration_json(const Migration& migration);

/// Who is where now, what differs and what was lost.
std::string parity_text(const Migration& migration, const Verification& parity, const TextStyle& style);
nlohmann::ordered_json parity_json(const Verification& parity);

}  // namespace usher
