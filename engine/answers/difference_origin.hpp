#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "rules/rule_outcome.hpp"

namespace usher {

/// Says who brought about a difference between an account and what is wanted. The history must outlive it.
class DifferenceOrigin {
 public:
  DifferenceOrigin(const std::vector<HistoryEntry>& history, std::string platform)
      : history_(history), platform_(std::move(platform)) {}

  /// because: what the plan says of the whole account; it holds where the history knows nothing of `what`.
  std::string of(const std::string& what, const nlohmann::json& now, const nlohmann::json& wanted,
                 const std::string& because) const;

 private:
  const std::vector<HistoryEntry>& history_;
  const std::string platform_;
};

/// The run that was under way then; 0: none that is remembered.
std::int64_t run_at(Connection& connection, const std::string& time);

}  // namespace usher
