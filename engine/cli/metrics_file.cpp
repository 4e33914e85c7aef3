#include "engine/cli/metrics_file.hpp"

#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/cli/atomic_file.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"
#include "rules/config.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t runs_for_metrics = 200;  // the latest of each command is among them

/// What stands there; nothing, where it is no file that this program wrote.
std::string content(const std::filesystem::path& file) {
  constexpr std::uintmax_t most = 1 << 20;
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none) || std::filesystem::file_size(file, none) > most)
    return {};
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Throws CommandError(failed) where something else stands there than metrics.
void stop_for_other_file(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none) || std::filesystem::is_empty(file, none)) return;
  const std::string text = content(file);
  if (text.starts_with("# HELP ") || text.starts_with("usher_") || text.find("\nusher_") != std::string::npos)
    return;
  throw CommandError(ExitCode::failed, "The metrics file '" + file.string() +
                                           "' is not written: it holds something else than metrics.");
}

std::optional<Status> last_status(std::filesystem::path state, const std::string& configuration) {
  try {
    if (state.empty()) {
      const auto config = load_config(configuration, Secrets::skip);
      if (!config) return std::nullopt;
      state = config->state;
    }
    Database database(state, Access::read, "usher");
    return status_for_metrics(database);
  } catch (const std::exception&) {  // the command has said what is wrong with it
    return std::nullopt;
  }
}

}  // namespace

Status status_for_metrics(Database& database) {
  return read_status(database, runs_for_metrics, now_text());
}

void write_metrics(const std::filesystem::path& file, const Status* status, const CommandEnd* end) {
  stop_for_other_file(file);
  const std::string text = metrics_text(status, end, content(file));
  AtomicFile metrics(file, "metrics file", Readers::everybody);
  metrics.write(text);
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
    const std::optional<Status> status = read_ ? last_status(state, configuration_) : std::nullopt;
    const CommandEnd end{command_, code, now_text(), took.count()};
    write_metrics(file_, status ? &*status : nullptr, &end);
  } catch (const std::exception& error) {
    write_problem(console, "usher: " + escaped_lines(error.what()) + " Nothing else is changed by that.");
  }
}

}  // namespace usher::cli
