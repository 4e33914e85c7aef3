#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/person_called.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/state.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/run_record.hpp"
#include "state/store/offboarded.hpp"

namespace usher::cli {

namespace {

/// Whoever is kept out under this key, also when no source and no account knows the person any more.
std::string whom_to_readmit(const Call& call, Database& database, const std::string& who) {
  if (OffboardedPeople(database.connection()).find(who, now_text())) return who;
  return person_called(call, who);
}

ExitCode run_readmit(const Call& call) {
  Database database = open_state(call, Access::write);
  const std::string person = whom_to_readmit(call, database, call.arguments.operands().front());
  Offboarded offboarded;
  record_act(database, "readmit", [&] {
    OffboardedPeople people(database.connection());
    const auto found = people.find(person, now_text());
    if (!found)
      throw CommandError(ExitCode::usage,
                         fmt::format("'{}' is not kept out; `usher status` lists who is.", escaped(person)));
    people.end(person, now_text());
    offboarded = *found;
    return nlohmann::json{{"readmitted", person}, {"offboarded-in", offboarded.run}};
  });
  if (call.json()) {
    call.print_json({{"report", "readmit"},
                     {"exit", exit_json(ExitCode::done)},
                     {"person", person},
                     {"offboarded-in", offboarded.run}});
  } else {
    call.print(fmt::format("{} {}. The next sync gives them what the rules say.\n", escaped(person),
                           escaped(offboarded.text())));
  }
  return ExitCode::done;
}

constexpr std::array readmit_options{reason_option, metrics_option};
constexpr std::array readmit_operands{Operand{"WHO", true}};

}  // namespace

const Command readmit_command{
    .name = "readmit",
    .summary = "let the rules decide again about an offboarded person",
    .examples =
        "  usher readmit E1042 --reason \"was a mistake, CHG-812\"\n"
        "  usher readmit ada@example.com\n",
    .about =
        "Ends what `usher offboard` began: plans treat the person like everybody else again. Nothing is "
        "written to a platform; the next sync gives what the rules say, with a new secret where the old "
        "one was removed. Tokens and accounts that were deleted do not come back.\n\n"
        "Ends with 0, or with 64 when the person is not kept out.",
    .options = readmit_options,
    .operands = readmit_operands,
    .run = run_readmit,
};

}  // namespace usher::cli
