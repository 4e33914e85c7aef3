#include "engine/cli/metrics_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/state.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"
#include "rules/config.hpp"
#include "state/store/lock.hpp"

namespace usher::cli {

namespace {

constexpr std::uintmax_t most = 1 << 20;
constexpr std::chrono::seconds patience{5};  // a command holds the folder for milliseconds

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw CommandError(ExitCode::failed,
                     fmt::format("The metrics file '{}' is not written: {}.", file.string(), why));
}

/// The metrics that stand there. Throws CommandError(failed) where something else does.
std::string content(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return {};
  if (std::filesystem::file_size(file, none) > most)
    refuse(file, "it is larger than 1 MiB, which no metrics of usher are");
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty() || text.starts_with("# HELP ") || text.starts_with("usher_") ||
      text.find("\nusher_") != std::string::npos)
    return text;
  refuse(file, "it holds something else than metrics");
}

/// One command at a time: another that reads the same file before this one has replaced it would forget how
/// this one ended. Where the folder cannot be locked, or another process holds it longer, the file is written
/// all the same.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ >= 0) lock_within(descriptor_, patience);
  }
  ~FolderLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

/// The state that --state, else the configuration names; nullopt: the configuration has mistakes.
std::optional<std::filesystem::path> state_of(const std::filesystem::path& state,
                                              const std::string& configuration) {
  if (!state.empty()) return state;
  const auto config = load_config(configuration, Secrets::skip);
  return config ? std::optional(config->state) : std::nullopt;
}

}  // namespace

void write_metrics(const std::filesystem::path& file, const std::function<std::optional<Status>()>& status,
                   const CommandEnd* end) {
  AtomicFile metrics(file, "metrics file", Readers::everybody);
  const FolderLock lock(std::filesystem::absolute(metrics.file()).parent_path());
  const std::optional<Status> known = status();
  metrics.write(metrics_text(known ? &*known : nullptr, end, content(metrics.file())));
  metrics.commit();
}

void MetricsFile::ask(std::string command, const Arguments& arguments) {
  ask(std::move(command), arguments.text(metrics_option.name));
  configuration_ = arguments.text("config");
  state = arguments.text("state");
  read_ = true;
}

void MetricsFile::ask(std::string command, std::filesystem::path file) {
  command_ = std::move(command);
  file_ = std::move(file);
}

void MetricsFile::write(ExitCode code, Console& console) const noexcept {
  if (file_.empty()) return;
  try {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    const auto status = [this]() -> std::optional<Status> {
      const auto from = read_ ? state_of(state, configuration_) : std::nullopt;
      return from ? last_status(*from) : std::nullopt;
    };
    const CommandEnd end{command_, code, now_text(), took.count()};
    write_metrics(file_, status, &end);
  } catch (const std::exception& error) {
    write_problem(console, "usher: " + escaped_lines(error.what()) + " Nothing else is changed by that.");
  }
}

}  // namespace usher::cli
