#include "engine/cli/plan_report.hpp"

#include <fmt/format.h>

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

/// kind: "html", "csv" or "markdown".
void write_as(const std::string& kind, const Call& call, const Plan& plan, ExitCode code,
              const std::string& outcome, const TextSink& sink) {
  if (kind == "html") {
    write_plan_html(plan, code, last_runs(call), sink);
  } else if (kind == "csv") {
    write_plan_csv(plan, sink);
  } else {
    sink(plan_markdown(plan, outcome));
  }
}

}  // namespace

bool printed_as_report(const Call& call, const Plan& plan, ExitCode code, const std::string& outcome) {
  const std::string kind = call.arguments.text("output");
  if (kind != "html" && kind != "csv" && kind != "markdown") return false;
  write_as(kind, call, plan, code, outcome, [&](std::string_view text) { call.print(text); });
  return true;
}

void write_report(const Call& call, const std::filesystem::path& file, const Plan& plan, ExitCode code) {
  const std::string kind = file.extension().string();
  if (kind != ".html" && kind != ".md" && kind != ".csv")
    throw CommandError(ExitCode::usage,
                       fmt::format("--report takes a file that ends in .html, .md or .csv, not '{}'.",
                                   escaped(file.string())));
  AtomicFile report(file, "report");
  write_as(kind == ".md" ? "markdown" : kind.substr(1), call, plan, code, {},
           [&](std::string_view text) { report.write(text); });
  report.commit();
}

}  // namespace usher::cli
