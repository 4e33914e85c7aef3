#include "engine/answers/impact.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "engine/answers/inquiry.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/report/impact_report.hpp"
#include "engine/runtime/time.hpp"

namespace usher::cli {

namespace {

Workspace opened(const CommonOptions& options) {
  auto setup = open_workspace(options, Secrets::skip);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  return std::move(*setup);
}

/// The new configuration may lie anywhere: the state and recipes are those of the one in use.
CommonOptions options_of_new(const CommonOptions& in_use, const std::string& file) {
  CommonOptions options = in_use;
  options.config = file;
  const std::filesystem::path beside = std::filesystem::absolute(in_use.config).parent_path();
  options.recipe_folders.push_back(beside.string());
  options.recipe_folders.push_back((beside / "recipes").string());
  return options;
}

std::string impact_as(const std::string& kind, const Impact& impact, const std::string& file) {
  if (kind == "markdown") return impact_markdown(impact, file);
  return kind == "html" ? impact_html(impact, file) : impact_csv(impact);
}

void print_impact(const Call& call, const Impact& impact, const std::string& file, ExitCode code) {
  const std::string output = call.arguments.text("output");
  if (output == "json") {
    call.print_json(impact_json(impact, file, code));
  } else if (output == "text") {
    call.show(impact_text(impact, file, call.style()));
  } else {
    call.print(impact_as(output, impact, file));
  }
}

ExitCode run_impact(const Call& call) {
  check_report_file(call);
  const auto file = call.arguments.find("new");
  if (!file) throw CommandError(ExitCode::usage, "--new names the configuration with the edited rules.");
  const CommonOptions options = call.common();
  const Workspace before = opened(options);
  const Workspace after = opened(options_of_new(options, *file));
  const std::filesystem::path state = options.state.value_or(before.config->state);
  const std::string began = now_text();  // the same for both, or a rule that looks at `now` would differ
  const Plan old_plan = Forecast(before, state, call.progress, began).plan();
  const Plan new_plan = Forecast(after, state, call.progress, began).plan();
  const Impact impact = impact_of(*before.config, old_plan, *after.config, new_plan);
  const bool same = impact.items == 0 && impact.objections.empty();
  const ExitCode code = same ? ExitCode::done : ExitCode::changes_pending;
  write_report_file(call,
                    [&](const std::string& kind, const TextSink& to) { to(impact_as(kind, impact, *file)); });
  print_impact(call, impact, *file, code);
  return code;
}

constexpr std::array impact_options{
    Option{"new", 0, "FILE", "the configuration with the edited rules"},
    report_option,
    plan_output_option,
};

}  // namespace

const Command impact_command{
    .name = "impact",
    .summary = "show what an edit of the rules changes, and which line causes it",
    .examples =
        "  usher impact --new edited.yaml                        # against usher.yaml\n"
        "  git show main:usher.yaml > main.yaml\n"
        "  usher impact -c main.yaml --new usher.yaml --output markdown > comment.md\n",
    .about =
        "Plans with the current rules (--config) and with the edited rules (--new) on the snapshots of "
        "the last pulls, and shows only what the edit changes: for each edited line who gains or loses "
        "what, on which platform. Changes that are pending with both are left out. An edited attribute "
        "or table is traced to the rules that read it. Then come guards that trip only under the edited "
        "rules, and edits that change nothing for anybody.\n\n"
        "The state is the one of --config or --state. No platform is asked, nothing is written, no lock "
        "is taken, no run recorded: both plans are made on private copies of the state.\n\n"
        "Ends with 0 when nothing changes for anybody, with 2 when something does, with 78 when one of "
        "the two configurations has mistakes.",
    .options = impact_options,
    .operands = {},
    .run = run_impact,
};

}  // namespace usher::cli
