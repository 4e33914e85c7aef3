#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/listing.hpp"

namespace usher::cli {

namespace {

ExitCode run_explain(const Call& call) {
  Inquiry inquiry(call.common());
  const std::string on = platform_asked_for(call, inquiry);
  const Whom whom = find_whom(inquiry, call.arguments.operands().front(), on);
  Forecast forecast(inquiry.setup(), inquiry.database().file(), call.progress);
  const Explanation explanation = explain(inquiry, forecast, whom, forecast.plan(), on);
  if (call.json()) {
    call.print_json(explain_json(explanation, ExitCode::done));
  } else {
    call.show(explain_text(explanation, call.style()));
  }
  return ExitCode::done;
}

constexpr std::array explain_options{on_option};
constexpr std::array explain_operands{Operand{"WHO", true}};

}  // namespace

const Command explain_command{
    .name = "explain",
    .summary = "explain what a person or account has or lacks, and why",
    .examples =
        "  usher explain E1042                 # a person by key\n"
        "  usher explain ada@example.com       # by a label or what stands in a record\n"
        "  usher explain 7f2c… --on iot        # an account by its id\n"
        "  usher explain E1042 --output json | jq '.accounts[].excluded'\n",
    .about =
        "Shows everything that determines what one person or account has: the records and where each "
        "came from, every rule with its place in the configuration and the values it read, the first "
        "condition that did not hold, how the account was or would be found, the account as it was last "
        "pulled, each difference and who changed it, and what the next plan does. For a person who gets "
        "nothing it gives the first reason.\n\n"
        "WHO is the key of a person, the id of an account, or an e-mail or label. No platform is asked, "
        "nothing is written, no lock is taken: the plan is made on a private copy of the state.",
    .options = explain_options,
    .operands = explain_operands,
    .run = run_explain,
};

}  // namespace usher::cli
