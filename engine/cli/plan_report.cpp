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

}  // namespace

void write_report(const Call& call, const std::filesystem::path& file, const Plan& plan, ExitCode code) {
  const std::string kind = file.extension().string();
  if (kind != ".html" && kind != ".md" && kind != ".csv")
    throw CommandError(ExitCode::usage,
                       fmt::format("--report takes a file that ends in .html, .md or .csv, not '{}'.",
                                   escaped(file.string())));
  AtomicFile report(file, "report");
  const auto write = [&](std::string_view text) { report.write(text); };
  if (kind == ".html") {
    write_plan_html(plan, code, last_runs(call), write);
  } else if (kind == ".csv") {
    write_plan_csv(plan, write);
  } else {
    write(plan_markdown(plan));
  }
  report.commit();
}

}  // namespace usher::cli
