#include "engine/cli/connector.hpp"

#include <fmt/format.h>

#include <array>

#include "engine/cli/commands.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

struct Action {
  const char* name;
  ExitCode (*run)(const Call& call);
};

constexpr std::array actions{
    Action{"list", list_connectors},
    Action{"show", show_connector},
    Action{"lint", lint_connectors},
    Action{"test", test_connector},
};

ExitCode run_connector(const Call& call) {
  const std::string action = call.arguments.operands().front();
  std::vector<std::string> known;
  for (const auto& [name, run] : actions) {
    if (name == action) return run(call);
    known.emplace_back(name);
  }
  throw CommandError(ExitCode::usage,
                     fmt::format("`usher connector` takes list, show, lint or test, not '{}'{}",
                                 escaped(action), did_you_mean(action, known, ".")));
}

constexpr std::array connector_options{
    Option{"recipe", 0, {}, "show: the recipe itself, to start another from"},
    Option{"write", 0, {}, "test: also what writes, on an account made for it"},
    Option{"set", 0, "PATH=VALUE", "test --write: an attribute of that account", {}, true},
    Option{"change", 0, "PATH=VALUE", "test --write: what an update writes", {}, true},
    Option{
        "join", 0, "KIND=ID", "test --write: an existing group or the like it may join and leave", {}, true},
};

constexpr std::array connector_operands{Operand{"list|show|lint|test", true}, Operand{"NAME", false, true}};

}  // namespace

std::vector<std::string> words_of(const Call& call, std::size_t least, std::size_t most, const char* what) {
  const auto& all = call.arguments.operands();
  std::vector<std::string> words(all.begin() + 1, all.end());
  if (words.size() < least || words.size() > most)
    throw CommandError(ExitCode::usage, fmt::format("`usher connector {}` takes {}.", all.front(), what));
  return words;
}

const Command connector_command{
    .name = "connector",
    .summary = "show, check and try the connectors there are",
    .examples =
        "  usher connector list                 # all kinds, and where they were found\n"
        "  usher connector show acme            # its options, what it can and cannot do\n"
        "  usher connector show other --recipe > acme.yaml\n"
        "  usher connector lint acme.yaml       # every mistake, with its place\n"
        "  usher connector test crm             # read-only, against the live system\n"
        "  usher connector test crm --write --set name=Test --join group=42\n",
    .about =
        "A connector is what speaks to one kind of platform. Those for files are part of the program; all "
        "others are recipes: looked for in the folders of --recipes, beside the configuration, in recipes/ "
        "beside it, and then among the ones that are built in.\n\n"
        "`test` takes a platform of the configuration and checks what usher relies on: that everything is "
        "read, twice the same, whatever the page size, that an account read alone is as it is listed, that "
        "keys are unique. With --write it makes an account, changes it in every way there is, and takes it "
        "away again; it touches no other.\n\n"
        "Ends with 78 when lint finds mistakes, with 1 when a check fails, with 69 or 77 when the platform "
        "could not be reached or refused the credentials.",
    .options = connector_options,
    .operands = connector_operands,
    .run = run_connector,
};

}  // namespace usher::cli
