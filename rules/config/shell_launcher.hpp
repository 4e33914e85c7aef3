#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace usher {

/// Starts commands with /bin/sh. They inherit the standard streams and the environment of this process except
/// for what is said here, and obey SIGPIPE, which this process ignores. Not thread-safe.
class ShellLauncher {
 public:
  ShellLauncher();
  ~ShellLauncher();
  ShellLauncher(const ShellLauncher&) = delete;
  ShellLauncher& operator=(const ShellLauncher&) = delete;

  /// The command has this open descriptor as its own one of that number.
  void give(int descriptor, int as);
  /// The command has no input.
  void give_no_input();
  void work_in(const std::filesystem::path& directory);
  /// In a process group of its own.
  void stand_alone();
  /// The command obeys these signals, though this process ignores them.
  void obey(std::initializer_list<int> signals);
  /// Beside the variables of this process, or in their place.
  void set(const std::vector<std::pair<std::string, std::string>>& variables);

  /// 0, or an errno that says why it cannot be started.
  int start(const std::string& command, pid_t& child) const;

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  std::vector<std::pair<std::string, std::string>> variables_;
};

/// Waits until a child ends; its status as waitpid(2) gives it. nullopt: nobody knows how it ended.
std::optional<int> wait_for(pid_t child);

}  // namespace usher
