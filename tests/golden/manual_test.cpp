// docs/configuration.md is written by this test (USHER_ACCEPT=1) out of the tables that the loader and the
// connectors check against, so that it can neither lack a key nor tell of one that is gone.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "connectors/registry.hpp"
#include "rules/config/config_manual.hpp"

namespace usher {
namespace {

constexpr std::string_view head = R"(# Configuration

<!-- Written by tests/golden/manual_test.cpp out of the table that `usher validate` checks against: USHER_ACCEPT=1
build/…/tests/golden --gtest_filter='Manual.*' writes it anew. -->

One YAML file, `usher.yaml` unless `--config` names another. `usher init` writes one to start from, `usher validate`
checks it, and `usher schema` prints its JSON Schema for editors. It may grow: with `version` and `platforms` alone
`doctor`, `pull`, `dump`, `connector test` and `migrate` work; a plan needs `people` and `accounts`.

Expressions are CEL ([expressions.md](expressions.md)); files as sources are told in [sources.md](sources.md). Keys that
are not listed here are mistakes, and so are keys given twice and YAML's merge key `<<`. `${env:NAME}`, `${file:PATH}`,
`${cmd:COMMAND}` and `${cred:NAME}` stand for secrets in the options of platforms and in webhooks and headers of
`notify`, and `${env:NAME}` in `state`; anywhere else they are refused. A secret is one line: line ends behind it and a
byte order mark before it, as editors write them, are no part of it.
)";

std::string cell(const std::string& text) {
  std::string made;
  for (const char c : text) made += c == '|' ? std::string("\\|") : std::string(1, c);
  return made;
}

std::string options_of(const ConnectorKind& kind) {
  std::string text = "\n## Options of `" + kind.name + "`\n\nReads " + kind.about +
                     ".\n\n| option | unless given | what it is |\n|---|---|---|\n";
  for (const Option& option : kind.options)
    text += "| `" + option.name + "`" + (option.required ? " (needed)" : "") + " | " +
            (option.default_value.empty() ? "" : "`" + cell(option.default_value) + "`") + " | " +
            cell(option.about) + " |\n";
  return text;
}

TEST(Manual, TellsEveryKeyOfTheConfigurationAndEveryOptionOfASource) {
  std::string text(head);
  text += config_manual();
  for (const ConnectorKind& kind : connector_kinds({}))
    if (kind.origin == "built in" && !kind.target) text += options_of(kind);
  const std::filesystem::path file = std::filesystem::path(USHER_SOURCE_DIR) / "docs/configuration.md";
  if (std::getenv("USHER_ACCEPT") != nullptr) std::ofstream(file, std::ios::binary) << text;
  std::ifstream in(file, std::ios::binary);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace
}  // namespace usher
