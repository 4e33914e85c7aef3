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
    Option{"recipe", 0, {}, "show: print the recipe, as a start for another"},
    Option{"write", 0, {}, "test: also test writes, on an account created for it"},
    Option{"set", 0, "PATH=VALUE", "test --write: an attribute of that account", {}, true},
    Option{"change", 0, "PATH=VALUE", "test --write: a value for updates", {}, true},
    Option{"join",
           0,
           "KIND=ID",
           "test --write: an existing group or other entitlement to join and leave",
           {},
           true},
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
    .summary = "list, show, check and test connectors",
    .examples =
        "  usher connector list                 # all kinds, and where they were found\n"
        "  usher connector show acme            # its options, what it can and cannot do\n"
        "  usher connector show other --recipe > acme.yaml\n"
        "  usher connector lint acme.yaml       # every mistake, with its place\n"
        "  usher connector test crm             # read-only, against the live system\n"
        "  usher connector test crm --write --set name=Test --join group=42\n",
    .about =
        "A connector speaks to one kind of platform. Connectors for files are part of the program. All "
        "others are recipes. usher looks for a recipe in the folders of --recipes, beside the "
        "configuration, in recipes/ beside it, and then among the built-in ones.\n\n"
        "`test` takes a platform of the configuration and checks what usher relies on: that everything "
        "can be read, with the same result twice and with any page size, that an account read by id "
        "equals its listed form, and that keys are unique. With --write it creates an account, tries "
        "every kind of change on it, and removes it; it touches no other.\n\n"
        "Ends with 78 when lint finds mistakes, with 1 when a check fails, with 69 or 77 when the "
        "platform could not be reached or refused the credentials.",
    .options = connector_options,
    .operands = connector_operands,
    .run = run_connector,
};

}  // namespace usher::cli
