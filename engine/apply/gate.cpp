#include "engine/apply/gate.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/time.hpp"
#include "rules/config/command.hpp"

namespace usher {

namespace {

nlohmann::json accounts_of_wave(const GateCall& call) {
  nlohmann::json accounts = nlohmann::json::array();
  for (std::size_t i = 0; i < call.plan.changes.size(); ++i) {
    if (call.waves.of_change[i] != call.wave) continue;
    const Change& change = call.plan.changes[i];
    accounts.push_back({{"platform", change.platform},
                        {"account", change.account},
                        {"person", change.person},
                        {"label", change.label},
                        {"act", to_string(change.act)}});
  }
  return accounts;
}

}  // namespace

GateReport run_gate(const WaveRules& rules, const GateCall& call, std::stop_token stop) {
  const double began = monotonic_seconds();
  const std::string wave = std::to_string(call.wave + 1), of = std::to_string(call.waves.all.size());
  std::uint64_t done = 0, failed = 0;
  nlohmann::json counts = nlohmann::json::object();
  for (const auto& [state, count] : call.counts) {
    counts[to_string(state)] = count;
    if (state == OperationState::done) done += count;
    if (is_failure(state)) failed += count;
  }
  const nlohmann::json told = {{"run", call.run},       {"plan", call.plan.digest},
                               {"wave", call.wave + 1}, {"of", call.waves.all.size()},
                               {"counts", counts},      {"accounts", accounts_of_wave(call)}};
  const CommandInput input{told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                           {{"USHER_WAVE", wave},
                            {"USHER_WAVE_OF", of},
                            {"USHER_WAVE_RUN", std::to_string(call.run)},
                            {"USHER_WAVE_PLAN", call.plan.digest},
                            {"USHER_WAVE_DONE", std::to_string(done)},
                            {"USHER_WAVE_FAILED", std::to_string(failed)}}};
  CommandResult result = run_command(rules.gate, {}, rules.gate_patience, input, stop);
  if (!result.first_error_line.empty()) {
    if (!result.output.empty() && !result.output.ends_with('\n')) result.output += '\n';
    result.output += result.first_error_line + '\n';
  }
  return {std::move(result.failure), std::move(result.output), monotonic_seconds() - began};
}

}  // namespace usher
