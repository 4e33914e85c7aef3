#include "engine/cli/pager.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ostream>

#include "rules/config/shell_launcher.hpp"
#include "state/model/write_all.hpp"

namespace usher::cli {

namespace {

// What a shell answers for a program that it cannot run, and for one that is not there.
constexpr int cannot_run = 126, not_found = 127;
// Many machines have none: there the report is written as it is, and nothing is said of it.
constexpr const char* usual = "command -v less >/dev/null || exit 127; exec less";

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

bool fits(std::string_view text, const Console& console) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return console.rows == 0 || lines < console.rows;
}

/// False: it could not be started, and nothing was shown.
bool show_in_pager(const std::string& pager, std::string_view text) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return false;
  const LeftToPager left;
  ShellLauncher shell;
  shell.give(pipe[0], STDIN_FILENO);
  shell.obey({SIGINT});
  // less ends by itself on a short text, keeps colours and leaves the text behind.
  if (std::getenv("LESS") == nullptr) shell.set({{"LESS", "FRX"}});
  pid_t child = 0;
  const bool started = shell.start(pager, child) == 0;
  close(pipe[0]);
  if (started) write_all(pipe[1], text);  // as much as its user wants to see
  close(pipe[1]);
  if (!started) return false;
  const int status = wait_for(child).value_or(0);
  return !WIFEXITED(status) || (WEXITSTATUS(status) != not_found && WEXITSTATUS(status) != cannot_run);
}

}  // namespace

std::string pager_for(std::string_view text, const Console& console) {
  if (fits(text, console) || console.variable("TERM") == "dumb") return {};
  for (const char* name : {"USHER_PAGER", "PAGER"})
    if (const auto value = console.variable(name)) return *value;
  return usual;
}

void show_report(Console& console, std::string_view text, bool no_pager) {
  const std::string pager = no_pager ? std::string() : pager_for(text, console);
  console.out.flush();
  if (pager.empty() || !show_in_pager(pager, text)) console.out << text;
}

}  // namespace usher::cli
