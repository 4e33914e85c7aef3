#include "engine/answers/run_lines.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace usher {

namespace {

constexpr int last_stage = 3;

int stage_of(const std::string& command) {
  return command == "pull" ? 1 : command == "plan" ? 2 : last_stage;
}

bool has_word(const RunState& run, const char* word) {
  const auto words = nlohmann::json::parse(run.arguments, nullptr, false);
  return words.is_array() && std::ranges::find(words, word) != words.end();
}

/// An undo and an offboarding plan what would be done without them first.
bool plans_twice(const RunState& run) {
  return has_word(run, "undo") || has_word(run, "offboard");
}

std::string command_of(const RunState& run) {
  const bool may_be = run.command == "pull" || run.command == "plan" || run.command == "apply";
  return may_be && has_word(run, "sync") ? "sync" : run.command;
}

/// The runs of one command, as they are found from the first on.
class Line {
 public:
  bool takes(const RunState& next) const {
    if (line_.runs.empty()) return true;
    const bool same = std::tie(next.arguments, next.actor, next.host, next.reason) ==
                      std::tie(last_.arguments, last_.actor, last_.host, last_.reason);
    if (!same || last_.ended_at.empty() || stage_of(last_.command) == last_stage) return false;
    const int before = stage_of(last_.command), now = stage_of(next.command);
    return now > before || (now == before && now == 2 && plans_ == 1 && plans_twice(next));
  }

  void add(const RunCounts& one) {
    last_ = one.run;
    plans_ += one.run.command == "plan" ? 1 : 0;
    if (line_.runs.empty()) line_.started_at = one.run.started_at;
    line_.runs.push_back(one.run.id);
    line_.command = command_of(one.run);
    line_.ended_at = one.run.ended_at;
    line_.exit_code = one.run.exit_code;
    for (const auto& [platform, counts] : one.platforms) {
      line_.counts.add(counts);
      line_.platforms[platform].counts.add(counts);
    }
    const auto summary = nlohmann::json::parse(one.run.summary, nullptr, false);
    if (summary.is_object()) add_summary(summary);
    line_.actor = one.run.actor;
    line_.host = one.run.host;
    line_.reason = one.run.reason;
  }

  void add_summary(const nlohmann::json& summary) {
    line_.held = summary.value("held", line_.held);
    if (const auto held_on = summary.find("held-on"); held_on != summary.end()) {
      for (auto& [platform, counts] : line_.platforms) counts.held = 0;
      for (const auto& [platform, held] : held_on->items()) line_.platforms[platform].held = held;
    }
    const auto approvals = summary.find("approvals");
    if (approvals != summary.end()) line_.approvals = approvals->get<std::vector<std::string>>();
  }

  bool empty() const { return line_.runs.empty(); }
  RunLine take() {
    RunLine taken = std::move(line_);
    *this = Line();
    return taken;
  }

 private:
  RunLine line_;
  RunState last_;
  int plans_ = 0;
};

}  // namespace

std::vector<RunLine> lines_of(const std::vector<RunCounts>& runs) {
  std::vector<RunLine> lines;
  Line line;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!line.takes(run->run)) lines.push_back(line.take());
    line.add(*run);
  }
  if (!line.empty()) lines.push_back(line.take());
  std::ranges::reverse(lines);
  return lines;
}

std::vector<RunLine> lines_of_each(const std::vector<RunCounts>& runs) {
  std::vector<RunLine> lines;
  for (const RunCounts& run : runs) {
    Line line;
    line.add(run);
    lines.push_back(line.take());
    lines.back().command = run.run.command;
  }
  return lines;
}

}  // namespace usher
