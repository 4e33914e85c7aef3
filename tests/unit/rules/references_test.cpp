#include "rules/config/references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "rules/config.hpp"
#include "rules/config/command.hpp"
#include "scratch.hpp"

namespace usher {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReferencesTest : public testing::Test {
 protected:
  std::string resolve(const std::string& text) {
    auto resolved = resolve_references(text, scratch_.folder(), true);
    return resolved ? resolved->text : "mistake: " + resolved.error();
  }
  test::Scratch scratch_;
};

TEST_F(ReferencesTest, ReadsTheEnvironment) {
  setenv("USHER_TEST_A", "s3cret", 1);
  setenv("USHER_TEST_EMPTY", "", 1);
  unsetenv("USHER_TEST_NONE");
  EXPECT_EQ(resolve("${env:USHER_TEST_A}"), "s3cret");
  EXPECT_EQ(resolve("Bearer ${env:USHER_TEST_A}!${env:USHER_TEST_A}"), "Bearer s3cret!s3cret");
  EXPECT_EQ(resolve("${env:USHER_TEST_NONE}"),
            "mistake: the environment variable USHER_TEST_NONE is not set");
  EXPECT_EQ(resolve("${env:USHER_TEST_EMPTY}"),
            "mistake: the environment variable USHER_TEST_EMPTY is empty");
}

TEST_F(ReferencesTest, ReadsFilesWithoutTheirLineEnd) {
  scratch_.write("a", "one \n");
  scratch_.write("b", "two\r\n");
  scratch_.write("c", "\xEF\xBB\xBFthree\n\r\n\n");
  scratch_.write("d", "four\nfive\n");
  scratch_.write("empty", "\n");
  EXPECT_EQ(resolve("${file:a}"), "one ");
  EXPECT_EQ(resolve("${file:" + (scratch_.folder() / "b").string() + "}"), "two");
  EXPECT_EQ(resolve("${file:c}"), "three") << "as editors write it";
  EXPECT_EQ(resolve("${file:d}"),
            "mistake: the secret file d has several lines; a secret is one line: leave the others out");
  EXPECT_EQ(resolve("${file:empty}"), "mistake: the secret file empty is empty");
  EXPECT_EQ(resolve("${file:none}"),
            "mistake: the secret file none cannot be opened: No such file or directory");
  EXPECT_EQ(resolve("${file:.}"), "mistake: the secret file . is not a file");
}

TEST_F(ReferencesTest, MindsWhoElseCanOpenAFile) {
  scratch_.write("readable", "x", 0644);
  scratch_.write("writable", "x", 0606);
  scratch_.write("group", "x", 0640);
  const auto readable = resolve_references("${file:readable}", scratch_.folder(), true);
  ASSERT_TRUE(readable);
  EXPECT_EQ(readable->warning, "anybody on this machine can read the secret file readable: chmod 600 it");
  EXPECT_EQ(resolve("${file:writable}"),
            "mistake: anybody can write to the secret file writable: chmod 600 it");
  EXPECT_EQ(resolve_references("${file:group}", scratch_.folder(), true)->warning, "");
}

TEST_F(ReferencesTest, RunsCommandsInTheFolderOfTheConfiguration) {
  scratch_.write("vault", "from the vault\n");
  EXPECT_EQ(resolve("${cmd:cat vault}"), "from the vault");
  EXPECT_EQ(resolve("${cmd:sh -c 'f() { cat vault; }; f'}"), "from the vault") << "braces come in pairs";
  EXPECT_EQ(resolve("${cmd:cat}"), "mistake: the command of ${cmd:…} printed nothing") << "it has no input";
  EXPECT_EQ(resolve("${cmd:echo one; echo}"), "one");
  EXPECT_THAT(resolve("${cmd:echo one; echo two}"), HasSubstr("printed several lines"));
}

TEST_F(ReferencesTest, TellsWhyACommandFailedButNotWhatItIsOrPrinted) {
  const std::string said = resolve("${cmd:printf hunter%d 2; echo SECRETERR >&2; exit 3}");
  EXPECT_THAT(said,
              AllOf(HasSubstr("ended with status 3"), Not(HasSubstr("hunter")), Not(HasSubstr("SECRETERR"))));
  EXPECT_THAT(resolve("${cmd:kill -9 $$}"), HasSubstr("was ended by signal 9"));
  EXPECT_THAT(resolve("${cmd:no-such-command-at-all}"), HasSubstr("ended with status 127"));
}

// SIG_IGN survives exec(2): whoever started this process may have left it so.
TEST_F(ReferencesTest, ACommandOfWhichTheSystemForgetsHowItEndedHasFailed) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const std::string failure = run_command("exit 3", scratch_.folder(), std::chrono::seconds(60)).failure;
  std::signal(SIGCHLD, before);
  EXPECT_EQ(failure, "ended, and the system does not say how");
}

TEST_F(ReferencesTest, GivesUpOnACommandThatHangsOrFloods) {
  EXPECT_EQ(run_command("sleep 60", scratch_.folder(), std::chrono::milliseconds(50)).failure,
            "took too long or printed too much");
  EXPECT_EQ(run_command("yes", scratch_.folder(), std::chrono::seconds(60)).failure,
            "took too long or printed too much");
}

TEST_F(ReferencesTest, ReadsCredentialsOfSystemd) {
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(resolve("${cred:token}"),
              HasSubstr("needs CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=token:"));
  setenv("CREDENTIALS_DIRECTORY", scratch_.folder().c_str(), 1);
  scratch_.write("token", "abc");
  EXPECT_EQ(resolve("${cred:token}"), "abc");
  EXPECT_THAT(resolve("${cred:../token}"), HasSubstr("must be a name, not a path"));
  unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(ReferencesTest, KnowsWhatIsNoReference) {
  EXPECT_EQ(resolve("a $ b $$ {c}"), "a $ b $$ {c}");
  EXPECT_EQ(resolve("$${env:A}"), "${env:A}");
  EXPECT_EQ(resolve("${enw:A}"), "mistake: '${enw' is unknown: write ${env:…}");
  EXPECT_THAT(resolve("${A}"), HasSubstr("$${ stands for ${"));
  EXPECT_EQ(resolve("${env:}"), "mistake: ${env:…} lacks what comes after the colon");
  EXPECT_EQ(resolve("x${env:A"), "mistake: a '${' is not closed with '}'");
}

TEST_F(ReferencesTest, LooksNowhereWhenAskedNotTo) {
  const auto form = resolve_references("x${env:USHER_TEST_NONE}${cmd:touch made}", scratch_.folder(), false);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->text, "x${env:USHER_TEST_NONE}${cmd:touch made}");
  EXPECT_FALSE(std::filesystem::exists(scratch_.folder() / "made"));
  EXPECT_FALSE(resolve_references("${enw:A}", scratch_.folder(), false));
}

TEST_F(ReferencesTest, AConfigurationCanBeReadWithoutItsSecrets) {
  const auto file = scratch_.write("usher.yaml", R"(version: 1
state: ${env:USHER_TEST_STATE}/usher.db
platforms: {hr: {connector: csv, path: "${env:USHER_TEST_NONE}", key: id}}
people: {from: hr, key: record.id}
accounts: {}
)");
  setenv("USHER_TEST_STATE", "/var/lib/usher", 1);
  EXPECT_FALSE(load_config(file));
  const auto config = load_config(file, Secrets::skip);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->state, "/var/lib/usher/usher.db") << "status finds its state without secrets";
  const Setting& path = config->platforms.at("hr").options.at("path");
  EXPECT_TRUE(path.pending);
  EXPECT_TRUE(path.is_secret);
  setenv("USHER_TEST_NONE", "p.csv", 1);
  const auto resolved = load_config(file);
  unsetenv("USHER_TEST_NONE");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->state, "/var/lib/usher/usher.db");
  EXPECT_FALSE(resolved->platforms.at("hr").options.at("path").pending);
}

TEST_F(ReferencesTest, ACommandThatClosesItsOutputAndHangsIsEnded) {
  EXPECT_EQ(run_command("exec sleep 600 >&- 2>&-", scratch_.folder(), std::chrono::milliseconds(50)).failure,
            "took too long or printed too much");
  EXPECT_EQ(
      run_command("exec >&- 2>&-; sleep 0.1; exit 3", scratch_.folder(), std::chrono::seconds(60)).failure,
      "ended with status 3")
      << "its status counts, however early it closed its output";
}

}  // namespace
}  // namespace usher
