#include "engine/runtime/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>

#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

// What every line has; the fields of an event stand where %v is.
constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %-7l%v";
constexpr const char* json_pattern = R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l"%v})";

/// The severity of syslog (RFC 5424).
int severity(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
    case spdlog::level::err:
      return 3;
    case spdlog::level::warn:
      return 4;
    case spdlog::level::info:
      return 6;
    default:
      return 7;
  }
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LineSink(std::function<void(std::string_view)> write, bool journal)
      : write_(std::move(write)), journal_(journal) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size());
    if (journal_) return write_(fmt::format("<{}>{}", severity(message.level), text));
    write_(text);
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_;
  const bool journal_;
};

struct State {
  std::shared_ptr<spdlog::logger> logger;
  std::function<std::chrono::system_clock::time_point()> now;
  bool json = false;
  std::atomic<std::int64_t> run{0};
  std::atomic<std::uint64_t> sequence{0};
};

State& state() {
  static State only;
  return only;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string as_text(const LogEvent& event, std::int64_t run) {
  std::string line;
  if (run != 0) line += fmt::format(" run {}", run);
  for (const std::string* part : {&event.platform, &event.object, &event.action, &event.request})
    if (!part->empty()) line += " " + escaped(*part);
  if (event.status != 0) line += fmt::format(" {}", event.status);
  if (event.took) line += fmt::format(" {} ms", event.took->count());
  if (event.retry != 0) line += fmt::format(" (retry {})", event.retry);
  if (event.wait) {
    const double seconds = std::chrono::duration<double>(*event.wait).count();
    line += fmt::format(" waits {}", duration_text(seconds));
  }
  if (!event.reason.empty()) line += ": " + escaped(event.reason);
  if (!event.message.empty()) line += (event.reason.empty() ? " " : "; ") + escaped(event.message);
  return line;
}

std::string as_json(const LogEvent& event, std::int64_t run, std::uint64_t sequence) {
  nlohmann::ordered_json line = nlohmann::ordered_json::object();
  if (run != 0) line["run"] = run;
  line["seq"] = sequence;
  const auto add = [&line](const char* key, const std::string& value) {
    if (!value.empty()) line[key] = value;
  };
  add("platform", event.platform);
  add("key", event.object);
  add("op", event.action);
  add("cause", event.reason);
  add("call", event.request);
  if (event.status != 0) line["status"] = event.status;
  if (event.took) line["ms"] = event.took->count();
  if (event.retry != 0) line["retry"] = event.retry;
  if (event.wait) line["wait_ms"] = event.wait->count();
  add("msg", event.message);
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return "," + text.substr(1, text.size() - 2);
}

}  // namespace

void open_log(LogOptions options) {
  State& log = state();
  auto sink = std::make_shared<LineSink>(std::move(options.write), options.journal);
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(options.json ? json_pattern : text_pattern,
                                                                  spdlog::pattern_time_type::utc, ""));
  log.logger = std::make_shared<spdlog::logger>("usher", std::move(sink));
  log.logger->set_level(spdlog_level(options.from));
  log.now = options.now ? std::move(options.now) : [] { return std::chrono::system_clock::now(); };
  log.json = options.json;
  log.run = 0;
  log.sequence = 0;
}

void set_log_run(std::int64_t run) {
  state().run = run;
}

void log(const LogEvent& event) noexcept {
  try {
    State& log = state();
    const auto level = spdlog_level(event.level);
    if (!log.logger || !log.logger->should_log(level)) return;
    const std::string line = log.json ? as_json(event, log.run, ++log.sequence) : as_text(event, log.run);
    log.logger->log(log.now(), spdlog::source_loc{}, level, spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {
    // A line that cannot be written must not end the work it tells about.
  }
}

void close_log() {
  state().logger.reset();
}

}  // namespace usher
