#include "engine/answers/difference_origin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace usher {

std::string DifferenceOrigin::of(const std::string& subject, const nlohmann::json& now,
                                 const nlohmann::json& wanted, const std::string& because) const {
  const auto last = std::find_if(history_.rbegin(), history_.rend(), [&](const HistoryEntry& entry) {
    return entry.platform == platform_ && entry.subject() == subject && entry.state != "failed";
  });
  if (last == history_.rend()) return because;
  if (!last->by_usher()) {
    const auto ours = std::find_if(last, history_.rend(), [&](const HistoryEntry& entry) {
      return entry.platform == platform_ && entry.subject() == subject && entry.by_usher() &&
             entry.state == "done";
    });
    const std::string since = ours == history_.rend() ? "" : fmt::format(" after run {}", ours->run);
    const char* act = last->act == "removed" ? "removed" : last->act == "added" ? "added" : "changed";
    return fmt::format("{} on {}{}, seen at {}, not by usher", act, platform_, since, last->at);
  }
  if (last->now == wanted)
    return fmt::format("written by run {}, but {} showed something else when it was last read", last->run,
                       platform_);
  if (last->now == now) return fmt::format("written by run {}; since then {}", last->run, because);
  return because;
}

std::int64_t run_at(Connection& connection, const std::string& time) {
  const StatementLoan select = connection.statement(
      "select coalesce(max(id), 0) from run where started_at <= ?1 and (ended_at is null or ended_at >= ?1)");
  return select->bind(time).step() ? select->integer(0) : 0;
}

}  // namespace usher
