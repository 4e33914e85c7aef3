#include "rules/config/shell_launcher.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace usher {
namespace {

/// The environment of this process with more variables.
class Environment {
 public:
  explicit Environment(const std::vector<std::pair<std::string, std::string>>& more) {
    for (const auto& [name, value] : more) texts_.push_back(name + "=" + value.substr(0, value.find('\0')));
    for (std::string& text : texts_) all_.push_back(text.data());
    for (char** one = environ; *one != nullptr; ++one)
      if (!replaced(*one, more)) all_.push_back(*one);
    all_.push_back(nullptr);
  }
  char** data() { return all_.data(); }

 private:
  static bool replaced(std::string_view text, const std::vector<std::pair<std::string, std::string>>& more) {
    return std::any_of(more.begin(), more.end(),
                       [&](const auto& one) { return text.starts_with(one.first + "="); });
  }

  std::vector<std::string> texts_;
  std::vector<char*> all_;
};

}  // namespace

ShellLauncher::ShellLauncher() {
  posix_spawn_file_actions_init(&actions_);
  posix_spawnattr_init(&attributes_);
  posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  obey({});
}

ShellLauncher::~ShellLauncher() {
  posix_spawnattr_destroy(&attributes_);
  posix_spawn_file_actions_destroy(&actions_);
}

void ShellLauncher::give(int descriptor, int as) {
  posix_spawn_file_actions_adddup2(&actions_, descriptor, as);
}

void ShellLauncher::give_no_input() {
  posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
}

void ShellLauncher::work_in(const std::filesystem::path& directory) {
  posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
}

void ShellLauncher::stand_alone() {
  posix_spawnattr_setpgroup(&attributes_, 0);
  posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

void ShellLauncher::obey(std::initializer_list<int> signals) {
  sigset_t obeyed;
  sigemptyset(&obeyed);
  sigaddset(&obeyed, SIGPIPE);
  sigaddset(&obeyed, SIGCHLD);
  for (const int signal : signals) sigaddset(&obeyed, signal);
  posix_spawnattr_setsigdefault(&attributes_, &obeyed);
}

void ShellLauncher::set(const std::vector<std::pair<std::string, std::string>>& variables) {
  variables_ = variables;
}

int ShellLauncher::start(const std::string& command, pid_t& child) const {
  Environment environment(variables_);
  std::string shell = "sh", option = "-c", text = command;
  std::array<char*, 4> arguments = {shell.data(), option.data(), text.data(), nullptr};
  return ::posix_spawn(&child, "/bin/sh", &actions_, &attributes_, arguments.data(), environment.data());
}

std::optional<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  return status;
}

}  // namespace usher
