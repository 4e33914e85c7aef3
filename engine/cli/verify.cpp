#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/state.hpp"
#include "state/store/run_chain.hpp"

namespace usher::cli {

namespace {

/// A chain that somebody wrote down is that of a run that is still there.
bool is_known(Connection& connection, const std::string& chain) {
  return connection.statement("select 1 from run where chain = ?1")->bind(chain).step();
}

std::string check_text(const ChainCheck& check) {
  if (check.runs == 0) return "No run has a chain yet: the next one gets one.\n";
  std::string text;
  for (const ChainBreak& one : check.breaks)
    text += fmt::format("{}{}.\n", one.run == 0 ? "" : fmt::format("Run {}: ", one.run), escaped(one.why));
  return text +
         fmt::format("{} from run {} to run {}. The chain of run {} is\n{}\n",
                     check.breaks.empty()
                         ? fmt::format("Nothing was altered in {}", pluralised(check.runs, "run", "runs"))
                         : fmt::format("Looked at {}", pluralised(check.runs, "run", "runs")),
                     check.first, check.last, check.last, check.chain);
}

ExitCode run_verify(const Call& call) {
  Database database = open_state(call);
  ReadTransaction moment(database.connection());
  ChainCheck check = check_chain(database.connection());
  for (ChainBreak& one : check_approvals(database.connection())) check.breaks.push_back(std::move(one));
  const auto& given = call.arguments.operands();
  if (!given.empty() && !is_known(database.connection(), given.front()))
    check.breaks.push_back({check.last, "no run has the chain " + given.front() + " that was given"});
  const ExitCode code = check.breaks.empty() ? ExitCode::done : ExitCode::failed;
  if (call.json()) {
    auto breaks = nlohmann::ordered_json::array();
    for (const ChainBreak& one : check.breaks) breaks.push_back({{"run", one.run}, {"why", one.why}});
    call.print_json({{"report", "verify"},
                     {"exit", exit_json(code)},
                     {"runs", check.runs},
                     {"first", check.first},
                     {"last", check.last},
                     {"chain", check.chain},
                     {"breaks", breaks}});
  } else {
    call.print(check_text(check));
  }
  return code;
}

constexpr std::array verify_operands{Operand{"CHAIN"}};

}  // namespace

const Command verify_command{
    .name = "verify",
    .summary = "check that the record of runs was not altered",
    .examples =
        "  usher verify\n"
        "  usher verify DIGEST   # and that the run of that chain is still there\n",
    .about =
        "The runs form a hash chain: every run ends with a digest of what it did and of the digest of "
        "the run before it. This command recomputes the digests from the state, and those of the stored "
        "plans, and reports the run at which they differ. It also reports approvals that were altered. "
        "Nothing else is read or asked.\n\n"
        "Runs that the state removed after their time are not reported as missing. Whoever can write the "
        "state can also make a new chain: from time to time store the digest that this command prints "
        "somewhere else, and give it as CHAIN later.\n\n"
        "Ends with 0 when all digests agree, 1 when something does not.",
    .options = {},
    .operands = verify_operands,
    .run = run_verify,
};

}  // namespace usher::cli
