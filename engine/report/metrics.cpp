#include "engine/report/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"

namespace usher {

namespace {

using Labels = std::vector<std::pair<const char*, std::string>>;

std::string label_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    std::string quoted;
    for (const char c : value) {
      if (c == '\\' || c == '"') quoted += '\\';
      quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, quoted);
  }
  return text.empty() ? "" : "{" + text + "}";
}

/// One metric and its samples; nothing when it has no samples.
class Gauge {
 public:
  Gauge(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}

  void sample(const Labels& labels, double value) {
    lines_ += fmt::format("{}{} {}\n", name_, label_text(labels), value);
  }
  void time(const Labels& labels, const std::string& at) {
    if (!at.empty()) lines_ += fmt::format("{}{} {}\n", name_, label_text(labels), seconds_of(at));
  }
  std::string text() const {
    return lines_.empty() ? "" : fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{2}", name_, help_, lines_);
  }

 private:
  std::string name_, help_, lines_;
};

std::string platform_metrics(const Status& status) {
  Gauge accounts("usher_platform_accounts", "Accounts in the latest snapshot of the platform.");
  Gauge links("usher_platform_linked_accounts", "Accounts that are linked to a person.");
  Gauge sealed("usher_platform_sealed", "1 if the latest pull proved that it saw every account, else 0.");
  Gauge pulled("usher_platform_last_pull_timestamp_seconds", "When the latest published pull ended.");
  Gauge complete("usher_platform_last_sealed_pull_timestamp_seconds",
                 "When the latest pull that saw every account ended.");
  for (const Status::Platform& platform : status.platforms) {
    if (platform.last.generation == 0) continue;
    const Labels labels{{"platform", platform.last.name}};
    accounts.sample(labels, static_cast<double>(platform.last.accounts));
    links.sample(labels, static_cast<double>(platform.links));
    sealed.sample(labels, platform.last.sealed ? 1 : 0);
    pulled.time(labels, platform.last.ended_at);
    complete.time(labels, platform.last_sealed_at);
  }
  return accounts.text() + links.text() + sealed.text() + pulled.text() + complete.text();
}

/// Of the latest run of each command that ended.
std::string run_metrics(const Status& status) {
  Gauge ended("usher_last_run_timestamp_seconds", "When the latest run of the command ended.");
  Gauge code("usher_last_run_exit_code", "How it ended; usher help exit-codes lists the codes.");
  Gauge seconds("usher_last_run_duration_seconds", "How long it took.");
  std::set<std::string> seen;
  for (const RunState& run : status.runs) {
    if (!run.exit_code || run.ended_at.empty() || !seen.insert(run.command).second) continue;
    const Labels labels{{"command", run.command}};
    ended.time(labels, run.ended_at);
    code.sample(labels, *run.exit_code);
    seconds.sample(labels, static_cast<double>(seconds_of(run.ended_at) - seconds_of(run.started_at)));
  }
  return ended.text() + code.text() + seconds.text();
}

/// Of the newest run that carried something out.
std::string operation_metrics(const Status& status) {
  Gauge operations("usher_last_apply_operations",
                   "Operations of the latest run that applied a plan, by how they ended.");
  for (const RunState& run : status.runs) {
    const auto summary = nlohmann::json::parse(run.summary, nullptr, false);
    if (!summary.is_object() || !summary.contains("operations") || !summary["operations"].is_object())
      continue;
    for (const auto& [platform, states] : summary["operations"].items())
      for (const auto& [state, count] : states.items())
        if (count.is_number())
          operations.sample({{"platform", platform}, {"state", state}}, count.get<double>());
    break;
  }
  return operations.text();
}

}  // namespace

std::string metrics_text(const Status& status) {
  Gauge build("usher_build_info", "The version and the git revision of the program.");
  build.sample({{"version", std::string(version())}, {"revision", std::string(revision())}}, 1);
  const std::uint64_t open_count = status.open_operations.unsent + status.open_operations.uncertain;
  Gauge open("usher_open_operations",
             "Operations that are planned or sent and whose outcome is not known yet.");
  open.sample({}, static_cast<double>(open_count));
  return build.text() + run_metrics(status) + open.text() + platform_metrics(status) +
         operation_metrics(status);
}

}  // namespace usher
