#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// trace: each request; debug: each retry, wait, login and operation.
enum class LogLevel { trace, debug, info, warning, error };

/// One line of the log. Empty fields are left out. Never holds a secret.
struct LogEvent {
  LogLevel level = LogLevel::info;
  std::string platform;
  std::string object = {};                             ///< an account, a page, a file
  std::string action = {};                             ///< "pull", "create", "retry"
  std::string reason = {};                             ///< why it is done, or why it failed
  std::string request = {};                            ///< "PATCH /users/7f…"
  int status = 0;                                      ///< HTTP status, 0: none
  int retry = 0;                                       ///< which repetition, 0: the first try
  std::string message = {};                            ///< anything else, for a person
  std::optional<std::chrono::milliseconds> took = {};  ///< how long a request took
  std::optional<std::chrono::milliseconds> wait = {};  ///< how long is waited now
};

struct LogOptions {
  LogLevel from = LogLevel::info;
  bool json = false;     ///< one JSON object a line instead of text
  bool journal = false;  ///< each line begins with its level as journald reads it: "<4>"
  std::function<void(std::string_view line)> write;                 ///< takes one line without its end
  std::function<std::chrono::system_clock::time_point()> now = {};  ///< empty: the clock of the machine
};

/// Sets up the log of this process; before the first log() and while no other thread logs. Until then nothing
/// is written. Times are RFC 3339 in UTC with milliseconds.
void open_log(LogOptions options);
/// The run that following lines belong to; 0: none yet.
void set_log_run(std::int64_t run);
/// Writes one line. Safe from any thread; never throws.
void log(const LogEvent& event) noexcept;
/// Drops what open_log() was given; later lines go nowhere.
void close_log();

}  // namespace usher
