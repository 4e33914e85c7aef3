#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/plan_file.hpp"

namespace usher::cli {

namespace {

ExitCode run_show(const Call& call) {
  const std::string& what = call.arguments.operands().front();
  if (!std::filesystem::exists(what))
    throw CommandError(ExitCode::failed, fmt::format("There is no plan file '{}'.", visible(what)));
  const Plan plan = read_plan(what);
  if (call.json()) {
    call.print_json(plan_json(plan, ExitCode::done));
  } else {
    TextStyle style = call.style(fmt::format("usher show --all {}", what));
    if (call.arguments.flag("all")) style.limit = 0;
    call.print(plan_text(plan, style));
  }
  return ExitCode::done;
}

constexpr std::array options{
    Option{"all", 'a', {}, "show every change and note, however many there are"},
};
constexpr std::array operands{Operand{"PLAN", true}};

}  // namespace

const Command show_command{
    .name = "show",
    .summary = "show a plan that was made",
    .examples =
        "  usher show friday.plan\n"
        "  usher show --all friday.plan | less -R\n"
        "  usher show --output json friday.plan\n",
    .about = "Shows a plan file that `usher plan --out` wrote. Reads nothing else and changes nothing.",
    .options = options,
    .operands = operands,
    .run = run_show,
};

}  // namespace usher::cli
