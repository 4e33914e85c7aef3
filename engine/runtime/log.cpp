#include "engine/runtime/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>

#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    write_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_;
};

struct State {
  std::shared_ptr<spdlog::logger> logger;
  std::function<std::string()> now;
  bool json = false;
  std::atomic<std::int64_t> run{0};
  std::atomic<std::uint64_t> sequence{0};
};

State& state() {
  static State only;
  return only;
}

constexpr std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
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

std::string text_line(const LogEvent& event, const std::string& now, std::int64_t run) {
  std::string line = fmt::format("{} {:<7}", now, level_name(event.level));
  if (run != 0) line += fmt::format(" run {}", run);
  for (const std::string* part : {&event.platform, &event.object, &event.action, &event.request})
    if (!part->empty()) line += " " + escaped(*part);
  if (event.status != 0) line += fmt::format(" {}", event.status);
  if (event.retry != 0) line += fmt::format(" (retry {})", event.retry);
  if (!event.reason.empty()) line += ": " + escaped(event.reason);
  if (!event.message.empty()) line += (event.reason.empty() ? " " : "; ") + escaped(event.message);
  return line;
}

std::string json_line(const LogEvent& event, const std::string& now, std::int64_t run,
                      std::uint64_t sequence) {
  nlohmann::ordered_json line{{"ts", now}, {"level", level_name(event.level)}};
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
  if (event.retry != 0) line["retry"] = event.retry;
  add("msg", event.message);
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void open_log(LogOptions options) {
  State& log = state();
  log.logger =
      std::make_shared<spdlog::logger>("usher", std::make_shared<LineSink>(std::move(options.write)));
  log.logger->set_level(spdlog_level(options.from));
  log.now = options.now ? std::move(options.now) : now_text;
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
    const std::string line = log.json ? json_line(event, log.now(), log.run, ++log.sequence)
                                      : text_line(event, log.now(), log.run);
    log.logger->log(level, spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {
    // A line that cannot be written must not end the work it tells about.
  }
}

void close_log() {
  state().logger.reset();
}

}  // namespace usher
