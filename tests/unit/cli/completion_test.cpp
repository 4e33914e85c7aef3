#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/cli/command.hpp"
#include "engine/cli/completion_script.hpp"
#include "tests/support/shell.hpp"

namespace usher {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a real shell prints for a script; its standard error counts as output.
std::string printed_by(const std::string& shell, const std::string& script) {
  const std::string file = testing::TempDir() + "completion-" + std::to_string(::getpid()) + ".sh";
  std::ofstream(file) << script;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen((shell + " " + file + " 2>&1").c_str(), "r"),
                                                       pclose);
  std::string out;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe.get())) out.append(buffer, size);
  std::filesystem::remove(file);
  return out;
}

/// The completions bash offers when the cursor stands at the end of these words.
std::string completions(const std::vector<std::string>& words) {
  std::string script = "compopt() { :; }\nusher() { [ \"$2\" = platforms ] && echo iot || echo csv; }\n" +
                       Shell{}.run({"completion", "bash"}).out + "COMP_WORDS=(";
  for (const std::string& word : words) script += "'" + word + "' ";
  script +=
      ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) + "\n_usher\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  return printed_by("bash", script);
}

/// The words fish offers at the end of this line, each with a line end.
std::string fish_completions(const std::string& line) {
  std::string script = "function usher; test $argv[2] = platforms; and echo iot; or echo csv; end\n" +
                       Shell{}.run({"completion", "fish"}).out + "complete -C '" + line +
                       "' | string split -f 1 \\t\n";
  return printed_by("fish --no-config", script);
}

bool has_fish() {
  return printed_by("fish --no-config", "echo is there") == "is there\n";
}

/// The words zsh offers at the end of this line, each with a line end: its line editor completes it by the
/// script as it is installed, on a terminal of its own.
std::string zsh_completions(const std::string& line) {
  const std::filesystem::path folder = testing::TempDir() + "completion-zsh-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "_usher") << Shell{}.run({"completion", "zsh"}).out;
  std::ofstream(folder / "settings") << R"sh(fpath=($PWD $fpath)
autoload -Uz $^fpath/_*(N:t)
zmodload zsh/complete zsh/computil
usher() { [ "$2" = platforms ] && echo iot || echo csv; }
compadd() {
  local -a hits
  builtin compadd -O hits "$@"
  [ $#hits = 0 ] || print -l -- "${hits[@]}" >> offered
  builtin compadd "$@"
}
complete-usher() {
  setopt localoptions extendedglob nullglob rcexpandparam  # as the completion system of zsh sets them
  local curcontext=:complete:usher:
  _usher
}
zle -C offer complete-word complete-usher
zle-line-init() {
  BUFFER=$TYPED CURSOR=$#TYPED
  zle offer
  exit
}
zle -N zle-line-init
setopt no_auto_list
)sh";
  const std::string offered = printed_by("zsh -f", "cd '" + folder.string() + "'\nexport TYPED='" + line +
                                                       R"sh('
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'source ./settings'
while zpty -r shell shown; do :; done
touch offered
cat offered
)sh");
  std::filesystem::remove_all(folder);
  return offered;
}

bool has_zsh() {
  return printed_by("zsh -f", "print is there") == "is there\n";
}

TEST(Completion, BashCompletesCommandsAndOptions) {
  EXPECT_THAT(completions({"usher", "pl"}), HasSubstr("plan\n"));
  EXPECT_THAT(completions({"usher", "pl"}), Not(HasSubstr("apply")));
  EXPECT_THAT(completions({"usher", "plan", "--o"}), HasSubstr("--out=\n"));
  EXPECT_THAT(completions({"usher", "version", "--o"}), Not(HasSubstr("--out=\n")));
}

TEST(Completion, BashCompletesValues) {
  EXPECT_EQ(completions({"usher", "plan", "--output", "j"}), "json\n");
  EXPECT_EQ(completions({"usher", "plan", "--output", "=", "j"}), "json\n");
  EXPECT_EQ(completions({"usher", "help", "exit"}), "exit-codes\n");
  EXPECT_EQ(completions({"usher", "migrate", "--from", ""}), "iot\n");
}

TEST(Completion, BashLooksPastOptionsBeforeTheCommand) {
  EXPECT_EQ(completions({"usher", "--config", "other.yaml", "pu"}), "pull\n");
  EXPECT_EQ(completions({"usher", "--config", "=", "other.yaml", "pu"}), "pull\n");
  EXPECT_EQ(completions({"usher", "-c", "other.yaml", "-v", "pu"}), "pull\n");
  EXPECT_EQ(completions({"usher", "-c", "other.yaml", "pull", ""}), "iot\n");
  EXPECT_EQ(completions({"usher", "--no-col"}), "--no-color\n");
  EXPECT_EQ(completions({"usher", "-o", ""}), "text\njson\n");
}

TEST(Completion, BashCompletesValuesOfLetters) {
  EXPECT_THAT(completions({"usher", "plan", "-o", ""}), HasSubstr("markdown\n"));
  EXPECT_EQ(completions({"usher", "init", "--from", "people.csv", "--to", ""}), "csv\n");
  EXPECT_EQ(completions({"usher", "pull", "-o", "json", ""}), "iot\n");
}

TEST(Completion, FishLooksPastOptionsBeforeTheCommand) {
  if (!has_fish()) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(fish_completions("usher --config other.yaml pu"), "pull\n");
  EXPECT_EQ(fish_completions("usher -c other.yaml -v pu"), "pull\n");
  EXPECT_EQ(fish_completions("usher -c other.yaml pull "), "iot\n");
  EXPECT_THAT(fish_completions("usher plan -o "), HasSubstr("markdown\n"));
  EXPECT_EQ(fish_completions("usher init --to "), "csv\n");
  EXPECT_EQ(fish_completions("usher pull iot pl"), "") << "there is a command already";
}

TEST(Completion, ZshCompletesCommandsAndOptions) {
  if (!has_zsh()) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(zsh_completions("usher pl"), "plan\n");
  EXPECT_EQ(zsh_completions("usher -c other.yaml -v pu"), "pull\n") << "past options before the command";
  EXPECT_EQ(zsh_completions("usher plan --ou"), "--out=\n--output=\n");
  EXPECT_EQ(zsh_completions("usher version --ou"), "--output=\n");
  EXPECT_EQ(zsh_completions("usher pull iot pl"), "") << "there is a command already";
}

TEST(Completion, ZshCompletesValuesAndNames) {
  if (!has_zsh()) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(zsh_completions("usher plan --output j"), "json\n");
  EXPECT_EQ(zsh_completions("usher plan --output=j"), "json\n");
  EXPECT_EQ(zsh_completions("usher help exit"), "exit-codes\n");
  EXPECT_EQ(zsh_completions("usher -c other.yaml pull "), "iot\n");
  EXPECT_EQ(zsh_completions("usher migrate --from "), "iot\n");
  EXPECT_EQ(zsh_completions("usher connector show "), "csv\n");
}

TEST(Completion, BashAsksForThePlatformsThereAre) {
  EXPECT_EQ(completions({"usher", "pull", ""}), "iot\n");
  EXPECT_EQ(completions({"usher", "connector", "show", ""}), "csv\n");
  EXPECT_THAT(completions({"usher", "connector", ""}), HasSubstr("lint\n"));
}

TEST(Completion, EveryOptionStandsInEveryShellsScript) {
  for (const std::string& shell : cli::completion_shells()) {
    const std::string script = Shell{}.run({"completion", shell}).out;
    for (const cli::Command* command : cli::commands())
      for (const cli::Option& option : command->options)
        EXPECT_THAT(script, HasSubstr(std::string(option.name))) << shell << " " << command->name;
  }
}

TEST(Completion, NamesPlatformsWithoutLookingUpSecrets) {
  const std::string folder = testing::TempDir();
  const std::string config = folder + "completion-" + std::to_string(::getpid()) + ".yaml";
  std::ofstream(config) << "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv}\n"
                           "people: {from: hr, key: record.id}\naccounts: {}\n";
  EXPECT_EQ(Shell{}.run({"completion", "platforms", "-c", config}).out, "hr\n");
  std::filesystem::remove(config);
  EXPECT_EQ(Shell{}.run({"completion", "platforms", "-c", folder + "there-is-none.yaml"}).out, "");
  EXPECT_THAT(Shell{}.run({"completion", "connectors"}).out, HasSubstr("csv\n"));
}

TEST(Completion, AnUnknownShellIsNamed) {
  const auto result = Shell{}.run({"completion", "fsh"});
  EXPECT_EQ(result.code, ExitCode::usage);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'fish'?"));
}

}  // namespace
}  // namespace usher
