#include "engine/cli/pager.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <vector>

extern char** environ;

namespace usher::cli {

namespace {

constexpr const char* usual = "less";
constexpr int not_found = 127;  // what a shell answers for a program that is not there

/// Leaves Ctrl-C to the pager as long as it lives.
class LeftToPager {
 public:
  LeftToPager() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &before_);
  }
  ~LeftToPager() { sigaction(SIGINT, &before_, nullptr); }
  LeftToPager(const LeftToPager&) = delete;
  LeftToPager& operator=(const LeftToPager&) = delete;

 private:
  struct sigaction before_ {};
};

/// The environment, in which less ends by itself on a short text, keeps colours and leaves the text behind.
std::vector<std::string> environment_of_pager() {
  std::vector<std::string> all;
  bool has_less = false;
  for (char** each = environ; *each != nullptr; ++each) {
    all.emplace_back(*each);
    has_less = has_less || all.back().starts_with("LESS=");
  }
  if (!has_less) all.emplace_back("LESS=FRX");
  return all;
}

std::optional<pid_t> start(const std::string& pager, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual_handling;
  sigemptyset(&usual_handling);
  sigaddset(&usual_handling, SIGINT);
  sigaddset(&usual_handling, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual_handling);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> environment = environment_of_pager();
  std::vector<char*> variables;
  for (std::string& one : environment) variables.push_back(one.data());
  variables.push_back(nullptr);
  std::array<std::string, 3> words{"sh", "-c", pager};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t process = 0;
  const int error =
      posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? std::optional(process) : std::nullopt;
}

/// Ends when all is written, or when the reader has left.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

}  // namespace

std::string pager_of(const Console& console) {
  for (const char* name : {"USHER_PAGER", "PAGER"})
    if (const auto value = console.variable(name)) return *value;
  return usual;
}

bool show_in_pager(const std::string& pager, std::string_view text) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return false;
  const LeftToPager left;
  const auto process = start(pager, pipe[0]);
  close(pipe[0]);
  if (process) write_all(pipe[1], text);
  close(pipe[1]);
  return process && wait_for(*process) != not_found;
}

}  // namespace usher::cli
