#include "engine/cli/plan_report.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/state.hpp"
#include "engine/report/plan_views.hpp"
#include "state/store/error.hpp"
#include "state/store/journal.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t runs_in_charts = 60;

/// Without a state there are no charts.
std::vector<RunState> last_runs(const Call& call) {
  try {
    Database database = open_state(call);
    return Journal(database.connection()).runs(runs_in_charts);
  } catch (const CommandError&) {
    return {};
  } catch (const StoreError&) {
    return {};
  }
}

/// The kind of report that a file's ending stands for; empty: none.
std::string kind_of(const std::filesystem::path& file) {
  const std::string ending = file.extension().string();
  if (ending == ".md") return "markdown";
  return ending == ".html" || ending == ".csv" ? ending.substr(1) : "";
}

/// kind: "html", "csv" or "markdown".
void write_as(const std::string& kind, const Call& call, const Plan& plan, ExitCode code,
              const PlanOutcome* outcome, const TextSink& sink) {
  if (kind == "html") {
    write_plan_html(plan, code, last_runs(call), outcome, sink);
  } else if (kind == "csv") {
    write_plan_csv(plan, outcome, sink);
  } else {
    sink(plan_markdown(plan, outcome));
  }
}

}  // namespace

bool printed_as_report(const Call& call, const Plan& plan, ExitCode code, const PlanOutcome* outcome) {
  const std::string kind = call.arguments.text("output");
  if (kind != "html" && kind != "csv" && kind != "markdown") return false;
  write_as(kind, call, plan, code, outcome, [&](std::string_view text) { call.print(text); });
  return true;
}

void check_report_file(const Call& call) {
  const auto file = call.arguments.find("report");
  if (file && kind_of(*file).empty())
    throw CommandError(
        ExitCode::usage,
        fmt::format("--report takes a file that ends in .html, .md or .csv, not '{}'.", escaped(*file)));
  if (file) expect_writable(*file, "report");
}

void write_report_file(const Call& call,
                       const std::function<void(const std::string& kind, const TextSink& to)>& write) {
  const auto file = call.arguments.find("report");
  if (!file) return;
  AtomicFile report(*file, "report");
  write(kind_of(*file), [&](std::string_view text) { report.write(text); });
  report.commit();
}

void write_report_file(const Call& call, const Plan& plan, ExitCode code, const PlanOutcome* outcome) {
  write_report_file(call, [&](const std::string& kind, const TextSink& to) {
    write_as(kind, call, plan, code, outcome, to);
  });
}

std::string try_report_file(const Call& call, const Plan& plan, Conditions& conditions,
                            const PlanOutcome* outcome) {
  try {
    write_report_file(call, plan, conditions.code(), outcome);
    return {};
  } catch (const CommandError& error) {
    conditions.add(error.conditions());
    return "usher: " + escaped_lines(error.what());
  }
}

}  // namespace usher::cli
