#include "engine/report/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"

namespace usher {

namespace {

constexpr bool of_command = true;
constexpr std::array families{
    MetricFamily{"usher_build_info", "The version and the git revision of the program."},
    MetricFamily{"usher_command_last_end_timestamp_seconds",
                 "When this command last ended, however it ended.", of_command},
    MetricFamily{"usher_command_last_good_timestamp_seconds",
                 "When this command last ended with 0 or 2: done, or changes pending.", of_command},
    MetricFamily{"usher_command_last_exit_code",
                 "Exit code of this command when it last ended; usher help exit-codes lists the codes.",
                 of_command},
    MetricFamily{"usher_command_last_duration_seconds",
                 "How long this command took when it last ended, without the time that its report was read.",
                 of_command},
    MetricFamily{
        "usher_state_readable",
        "1 if the state could be read when this was written, else 0: the metrics of the state are older."},
    MetricFamily{"usher_last_run_timestamp_seconds",
                 "When the latest ended run of this command in the journal ended."},
    MetricFamily{"usher_last_run_exit_code",
                 "Exit code of the latest ended run of this command; usher help exit-codes lists the codes."},
    MetricFamily{"usher_last_run_duration_seconds", "How long the latest ended run of this command took."},
    MetricFamily{"usher_open_operations",
                 "Operations that are planned or sent and whose outcome is not known yet."},
    MetricFamily{"usher_platform_accounts", "Accounts in the latest snapshot of the platform."},
    MetricFamily{"usher_platform_linked_accounts", "Accounts of the platform that are linked to a person."},
    MetricFamily{"usher_platform_sealed",
                 "1 if the latest pull of the platform proved that it saw every account, else 0."},
    MetricFamily{"usher_platform_last_pull_timestamp_seconds",
                 "When the latest published pull of the platform ended."},
    MetricFamily{"usher_platform_last_sealed_pull_timestamp_seconds",
                 "When the latest pull of the platform that saw every account ended."},
    MetricFamily{"usher_last_apply_operations",
                 "Operations of the latest run that applied a plan, by platform and by how they ended."},
    MetricFamily{"usher_last_apply_waves",
                 "Waves of the latest run that applied a plan, by how they ended, where it had any."},
    MetricFamily{"usher_last_apply_stopped",
                 "1 if a gate or failures ended the waves of that run before the last was done, else 0."},
};

const MetricFamily* family_named(std::string_view name) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const MetricFamily& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

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

/// Where labels such as {a="x",b="y"} end at the beginning of `text`; 0: they are not written so.
std::size_t end_of_labels(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  std::size_t at = 1;
  while (true) {
    const std::size_t name = at;
    while (at < text.size() && (std::islower(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_'))
      ++at;
    if (at == name || text.substr(at, 2) != "=\"") return 0;
    for (at += 2; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] != '\\') continue;
      ++at;
      if (at == text.size() || std::string_view("\\\"n").find(text[at]) == std::string_view::npos) return 0;
    }
    if (at == text.size()) return 0;
    ++at;
    if (text.substr(at, 1) == "}") return at + 1;
    if (text.substr(at, 1) != ",") return 0;
    ++at;
  }
}

/// Samples by family and labels.
class Samples {
 public:
  void set(std::string_view name, const Labels& labels, double value) {
    values_[std::string(name)][label_text(labels)] = fmt::format("{}", value);
  }
  void set_time(std::string_view name, const Labels& labels, const std::string& at) {
    if (!at.empty()) set(name, labels, static_cast<double>(seconds_of(at)));
  }

  /// Takes the samples that text() wrote.
  void read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  void forget(std::string_view name) { values_.erase(std::string(name)); }
  void forget_state() {
    for (const MetricFamily& family : families)
      if (!family.of_command) forget(family.name);
  }

  std::string text() const {
    std::string result;
    for (const MetricFamily& family : families) {
      const auto found = values_.find(std::string(family.name));
      if (found == values_.end()) continue;
      result += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", family.name, family.help);
      for (const auto& [labels, value] : found->second)
        result += fmt::format("{}{} {}\n", family.name, labels, value);
    }
    return result;
  }

 private:
  void read_line(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of("{ "), line.size());
    const std::string_view name = line.substr(0, end);
    line.remove_prefix(end);
    const std::size_t labelled = end_of_labels(line);
    const std::string_view labels = line.substr(0, labelled);
    line.remove_prefix(labelled);
    if (family_named(name) == nullptr || !line.starts_with(' ')) return;
    line.remove_prefix(1);
    double value = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc() || rest != line.data() + line.size() || !std::isfinite(value)) return;
    values_[std::string(name)][std::string(labels)] = fmt::format("{}", value);
  }

  std::map<std::string, std::map<std::string, std::string>> values_;
};

void add_platforms(Samples& samples, const Status& status) {
  for (const Status::Platform& platform : status.platforms) {
    if (platform.last.generation == 0) continue;
    const Labels labels{{"platform", platform.last.name}};
    samples.set("usher_platform_accounts", labels, static_cast<double>(platform.last.accounts));
    samples.set("usher_platform_linked_accounts", labels, static_cast<double>(platform.links));
    samples.set("usher_platform_sealed", labels, platform.last.sealed ? 1 : 0);
    samples.set_time("usher_platform_last_pull_timestamp_seconds", labels, platform.last.ended_at);
    samples.set_time("usher_platform_last_sealed_pull_timestamp_seconds", labels, platform.last_sealed_at);
  }
}

/// Of the latest run of each kind that ended.
void add_runs(Samples& samples, const Status& status) {
  std::set<std::string> seen;
  for (const RunState& run : status.runs) {
    if (!run.exit_code || run.ended_at.empty() || !seen.insert(run.command).second) continue;
    const Labels labels{{"command", run.command}};
    samples.set_time("usher_last_run_timestamp_seconds", labels, run.ended_at);
    samples.set("usher_last_run_exit_code", labels, *run.exit_code);
    samples.set("usher_last_run_duration_seconds", labels,
                static_cast<double>(seconds_of(run.ended_at) - seconds_of(run.started_at)));
  }
}

void add_waves(Samples& samples, const nlohmann::json& summary) {
  std::map<std::string, double> ends;
  for (const auto& wave : summary.value("waves", nlohmann::json::array())) ++ends[wave.value("ended", "")];
  for (const auto& [ended, count] : ends) samples.set("usher_last_apply_waves", {{"ended", ended}}, count);
  if (!ends.empty())
    samples.set("usher_last_apply_stopped", {},
                summary.value("stopped", nlohmann::json()).is_string() ? 1 : 0);
}

/// Of the newest run that carried something out.
void add_operations(Samples& samples, const Status& status) {
  for (const RunState& run : status.runs) {
    const auto summary = nlohmann::json::parse(run.summary, nullptr, false);
    if (!summary.is_object() || !summary.contains("operations") || !summary["operations"].is_object())
      continue;
    for (const auto& [platform, states] : summary["operations"].items())
      for (const auto& [state, count] : states.items())
        if (count.is_number())
          samples.set("usher_last_apply_operations", {{"platform", platform}, {"state", state}},
                      count.get<double>());
    add_waves(samples, summary);
    return;
  }
}

void add_state(Samples& samples, const Status& status) {
  samples.set("usher_open_operations", {},
              static_cast<double>(status.open_operations.unsent + status.open_operations.uncertain));
  add_platforms(samples, status);
  add_runs(samples, status);
  add_operations(samples, status);
}

void add_end(Samples& samples, const CommandEnd& end) {
  const Labels labels{{"command", end.command}};
  samples.set_time("usher_command_last_end_timestamp_seconds", labels, end.at);
  samples.set("usher_command_last_exit_code", labels, static_cast<int>(end.code));
  samples.set("usher_command_last_duration_seconds", labels, end.seconds);
  if (end.code == ExitCode::done || end.code == ExitCode::changes_pending)
    samples.set_time("usher_command_last_good_timestamp_seconds", labels, end.at);
}

}  // namespace

std::span<const MetricFamily> metric_families() {
  return families;
}

std::string metrics_text(const Status* status, const CommandEnd* end, std::string_view before) {
  Samples samples;
  samples.read(before);
  if (status != nullptr) {
    samples.forget_state();
    add_state(samples, *status);
  }
  samples.forget("usher_build_info");
  samples.set("usher_build_info",
              {{"version", std::string(version())}, {"revision", std::string(revision())}}, 1);
  samples.set("usher_state_readable", {}, status != nullptr ? 1 : 0);
  if (end != nullptr) add_end(samples, *end);
  return samples.text();
}

}  // namespace usher
