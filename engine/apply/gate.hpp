#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>

#include "engine/apply/apply_report.hpp"
#include "engine/apply/waves.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Where an apply is when its gate is run.
struct GateCall {
  std::int64_t run = 0;
  const Plan& plan;
  const Waves& waves;
  std::size_t wave = 0;                                   ///< the one that ended: index
  const std::map<OperationState, std::uint64_t>& counts;  ///< of its operations in this run
};

/// Runs the gate with /bin/sh in the folder usher was started in. Its environment has USHER_WAVE (from 1),
/// USHER_WAVE_OF, USHER_WAVE_RUN, USHER_WAVE_PLAN, USHER_WAVE_DONE and USHER_WAVE_FAILED; its standard input
/// is one JSON object: run, plan, wave, of, counts, and the accounts of the wave that ended. It is ended with
/// all it started when its time is over or a stop is requested. Never throws.
GateReport run_gate(const WaveRules& rules, const GateCall& call, std::stop_token stop);

}  // namespace usher
