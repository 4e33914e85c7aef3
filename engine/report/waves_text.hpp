#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/apply/waves.hpp"
#include "state/model/plan.hpp"

namespace usher {

// summary: waves_summary(), or the summary of a run in the state.

/// "1 of 4 waves done; the gate after wave 1 of 4 ended with status 1"; empty: there were none.
std::string waves_sentence(const nlohmann::json& summary);
/// A line a wave; empty: there were none.
std::string waves_table(const nlohmann::json& summary);

/// In which waves a plan will be carried out, and who goes first; empty: all at once.
std::string waves_preview(const Plan& plan, const WaveRules& rules);

}  // namespace usher
