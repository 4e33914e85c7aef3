#include "engine/workspace/log_observer.hpp"

#include "engine/runtime/log.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

using Kind = PlatformEvent::Kind;

constexpr std::chrono::seconds long_wait{30};
constexpr int throttled = 429;

LogLevel level_of(const PlatformEvent& event) {
  switch (event.kind) {
    case Kind::request:
      return LogLevel::trace;
    case Kind::login:
      return LogLevel::debug;
    case Kind::given_up:
      return LogLevel::warning;
    case Kind::wait:
      return event.time >= long_wait ? LogLevel::warning : LogLevel::debug;
    case Kind::retry:  // the pause after a 429 was told when it was asked for
      return event.time >= long_wait && event.status != throttled ? LogLevel::warning : LogLevel::debug;
  }
  return LogLevel::warning;
}

const char* action_of(Kind kind) {
  switch (kind) {
    case Kind::request:
      return "request";
    case Kind::retry:
      return "retry";
    case Kind::wait:
      return "wait";
    case Kind::given_up:
      return "give-up";
    case Kind::login:
      return "login";
  }
  return "request";
}

/// "until 2026-11-21T21:44:00.000Z"
std::string until(std::chrono::milliseconds wait) {
  const auto end = std::chrono::system_clock::now() + wait;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
  return "until " + text_of(seconds);
}

}  // namespace

void LogObserver::happened(const PlatformEvent& event) noexcept {
  try {
    LogEvent line{.level = level_of(event), .platform = event.platform, .action = action_of(event.kind)};
    line.request = event.request;
    line.status = event.status;
    line.reason = event.reason;
    if (event.kind == Kind::request) {
      line.took = event.time;
    } else if (event.kind == Kind::given_up) {
      line.message = "a wait of " + duration_text(std::chrono::duration<double>(event.time).count()) +
                     " is longer than this run may wait: what needs this platform is left for the next run";
    } else if (event.kind != Kind::login) {
      line.wait = event.time;
      if (event.time >= long_wait) line.message = until(event.time) + "; other platforms go on";
    }
    if (event.kind == Kind::retry) line.retry = event.attempt - 1;
    log(line);
  } catch (...) {
    // What cannot be told must not end the work that it tells about.
  }
}

void LogObserver::exchanged(std::string_view text) noexcept {
  try {
    const std::string whole = "# " + now_text() + "\n" + std::string(text) + "\n";
    const MutexLock lock(mutex_);
    trace_(whole);
  } catch (...) {
    // See happened().
  }
}

}  // namespace usher
