#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/exit_code.hpp"

namespace usher {
namespace {

/// A platform on loopback that takes connections and never answers.
class SilentPlatform {
 public:
  SilentPlatform() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPlatform() {
    if (accepted_ >= 0) close(accepted_);
    close(listener_);
  }
  int port() const { return port_; }
  /// Returns once a request has begun to arrive.
  void wait_for_request() {
    accepted_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    char byte = 0;
    EXPECT_EQ(recv(accepted_, &byte, 1, 0), 1);
  }

 private:
  int listener_;
  int accepted_ = -1;
  int port_ = 0;
};

/// The real program, in a folder of its own.
class Process : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void configure(int port) const {
    std::ofstream(folder / "people.csv") << "id,mail\nE1,ada@example.com\n";
    std::ofstream(folder / "usher.yaml")
        << "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv}\n"
        << "  iot: {connector: mainflux, url: \"http://127.0.0.1:" << port
        << "\", identity: a@example.com, secret: \"${env:SECRET}\"}\n"
        << "people: {from: hr, key: record.id, attributes: {mail: record.mail}}\n"
        << "accounts:\n  iot: {set: {credentials.identity: person.mail}}\n";
  }

  pid_t start(std::vector<std::string> words) const {
    words.insert(words.begin(), USHER_BINARY_DIR "/usher");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    setenv("SECRET", "s3cret-s3cret", 1);
    const int out = open((folder / "output").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (chdir(folder.c_str()) != 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
      _exit(127);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  static int wait_for(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }
  /// Asks until it is so, for at most two minutes.
  static bool becomes_true(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }
  std::string output() const {
    std::ifstream stream(folder / "output");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("usher-process-" + std::to_string(getpid()));
};

TEST_F(Process, EndsWithItsExitCode) {
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"version"}))), 0);
  EXPECT_EQ(WEXITSTATUS(wait_for(start({}))), 64);
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"validate"}))), 78);
}

TEST_F(Process, TheFirstSignalStopsInGoodOrder) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    SilentPlatform platform;
    configure(platform.port());
    const pid_t child = start({"plan"});
    platform.wait_for_request();
    kill(child, signal);
    const int status = wait_for(child);
    ASSERT_TRUE(WIFEXITED(status)) << output();
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ExitCode::time_budget)) << output();
    EXPECT_NE(output().find("Nothing was written to a platform."), std::string::npos) << output();
  }
}

TEST_F(Process, TheSecondSignalEndsAtOnce) {
  const std::string config =
      "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv, key: id, column: \"${cmd:kill -HUP "
      "$PPID; "
      "kill -INT $PPID; while kill -0 $PPID; do :; done}\"}\npeople: {from: hr, key: record.id}\naccounts: "
      "{}\n";
  std::ofstream(folder / "usher.yaml") << config;  // a command that is waited for whatever signal comes
  const int status = wait_for(start({"validate"}));
  ASSERT_TRUE(WIFEXITED(status)) << output();
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ExitCode::time_budget)) << output();
}

TEST_F(Process, ADeadlineEndsAPullThatNeverAnswers) {
  SilentPlatform platform;
  configure(platform.port());
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"plan", "--deadline", "1s"}))), 9) << output();
  EXPECT_NE(output().find("The deadline passed while pulling."), std::string::npos) << output();
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"plan", "--deadline", "soon"}))), 64);
  std::ofstream(folder / "usher.yaml", std::ios::app) << "run: {deadline: 1s}\n";
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"plan"}))), 9) << output();
}

TEST_F(Process, AStateThatAnotherCommandWorksOnIsWaitedForAsLongAsTheUserSays) {
  SilentPlatform platform;
  configure(platform.port());
  const pid_t holder = start({"plan"});
  platform.wait_for_request();
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"pull", "hr"}))), static_cast<int>(ExitCode::locked));
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"pull", "hr", "--lock-timeout", "1s"}))),
            static_cast<int>(ExitCode::locked));
  const pid_t waiting = start({"pull", "hr", "--lock-timeout", "10m"});
  const bool both_wait = becomes_true([&] {  // the one above said so too
    return output().find("wait for the state") != output().rfind("wait for the state");
  });
  kill(holder, SIGTERM);
  wait_for(holder);
  EXPECT_TRUE(both_wait) << output();
  EXPECT_EQ(WEXITSTATUS(wait_for(waiting)), static_cast<int>(ExitCode::done)) << output();
  EXPECT_EQ(WEXITSTATUS(wait_for(start({"pull", "--lock-timeout", "never"}))), 64);
}

TEST_F(Process, AMissingReaderOfItsOutputIsNoReasonToComplain) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(open((folder / "output").c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    execl(USHER_BINARY_DIR "/usher", "usher", "help", nullptr);
    _exit(127);
  }
  close(ends[1]);
  const int status = wait_for(child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ExitCode::done));
  EXPECT_EQ(output(), "");
}

TEST_F(Process, WhatCannotBeWrittenElsewhereIsAnError) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    execl(USHER_BINARY_DIR "/usher", "usher", "help", nullptr);
    _exit(127);
  }
  EXPECT_EQ(WEXITSTATUS(wait_for(child)), static_cast<int>(ExitCode::failed));
}

}  // namespace
}  // namespace usher
