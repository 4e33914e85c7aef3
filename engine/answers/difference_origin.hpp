#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "rules/rule_outcome.hpp"

namespace usher {

/// Says who brought about a difference between an account of one platform and what the rules want. The
/// history of the account's owner must outlive it.
class DifferenceOrigin {
 public:
  DifferenceOrigin(const std::vector<HistoryEntry>& history, std::string platform)
      : history_(history), platform_(std::move(platform)) {}

  /// A sentence without its end: "changed on iot after run 57, seen at …, not by usher". subject:
  /// HistoryEntry::subject(). now, wanted: its value on the platform, and by the rules. because: why
  /// the plan changes the account; it is the answer where the history knows nothing of it.
  std::string of(const std::string& subject, const nlohmann::json& now, const nlohmann::json& wanted,
                 const std::string& because) const;

 private:
  const std::vector<HistoryEntry>& history_;
  const std::string platform_;
};

/// The run that was under way at that time (RFC 3339); 0: none that the state remembers.
std::int64_t run_at(Connection& connection, const std::string& time);

}  // namespace usher
