#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stop_token>
#include <string_view>
#include <thread>

#include "engine/cli/run.hpp"
#include "state/model/worker_thread.hpp"

namespace {

// Read end and write end. A handler may do little more than write(2); a thread turns the byte into a stop.
std::array<int, 2> signals{-1, -1};

constexpr std::array stopping{SIGINT, SIGTERM, SIGHUP};

// The first signal asks to stop, the second ends the process at once: the journal tells the next run what was
// under way.
volatile std::sig_atomic_t asked = 0;

void on_signal(int) {
  if (asked != 0) _exit(static_cast<int>(usher::ExitCode::time_budget));
  asked = 1;
  const char byte = 's';
  [[maybe_unused]] const auto written = write(signals[1], &byte, 1);
}

}  // namespace

int main(int argc, char** argv) {
  // Pages are made in one thread and let go in another: memory given back to the system after each would be
  // asked for again at once. What is larger than this still goes back.
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  // A standard descriptor that was closed would become one of ours. Nothing can be written to these: a result
  // that nobody gets is still an error.
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(standard, F_GETFD) < 0) open("/dev/null", O_RDONLY);
  static std::stop_source stop;
  if (pipe2(signals.data(), O_CLOEXEC) != 0) return static_cast<int>(usher::ExitCode::failed);
  const usher::WorkerThread listener([](const std::stop_token&) {
    char byte = 0;
    if (read(signals[0], &byte, 1) != 1 || byte != 's') return;
    stop.request_stop();
    constexpr std::string_view news =
        "\nusher: stopping as soon as what is in flight is known; once more to stop now\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, news.data(), news.size());
  });
  for (const int signal : stopping) {
    if (std::signal(signal, on_signal) == SIG_IGN)
      std::signal(signal, SIG_IGN);  // nohup, a shell's background
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, the kernel forgets how a child ended

  auto console = usher::cli::process_console();
  const auto code = usher::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, console, stop.get_token());

  const char byte = 'e';
  [[maybe_unused]] const auto written = write(signals[1], &byte, 1);
  return static_cast<int>(code);
}
