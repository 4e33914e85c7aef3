#include "tests/support/sync_elsewhere.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace usher::test {

SyncElsewhere::SyncElsewhere(World& world, std::uint64_t statement, const std::string& plan) {
  const std::string config = world.options().config.string();
  const std::string nth = std::to_string(statement);
  process_ = fork();
  if (process_ != 0) return;
  execl(USHER_BINARY_DIR "/tests/sync_until_killed", "sync_until_killed", config.c_str(), nth.c_str(),
        plan.empty() ? nullptr : plan.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

void SyncElsewhere::kill() {
  ::kill(process_, SIGKILL);
}

bool SyncElsewhere::killed() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    return true;
  }
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the sync did not end well by itself";
  return false;
}

}  // namespace usher::test
