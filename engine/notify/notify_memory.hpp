#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "engine/notify/notice.hpp"

namespace usher {

/// Remembers from run to run which news go on and when each rule of `notify` last told them, so that they are
/// not told again every hour. One thread.
class NotifyMemory {
 public:
  /// One kind of news of one rule that goes on.
  struct Entry {
    std::string identity;
    std::string since;       ///< RFC 3339: of the first run in a row
    std::uint64_t runs = 0;  ///< in a row
    std::string told_at;     ///< RFC 3339; empty: nobody was told yet
  };

  NotifyMemory() = default;
  /// Reads what text() wrote. Anything else is an empty memory: news are then told once more.
  explicit NotifyMemory(const std::string& text);
  std::string text() const;

  /// The news are so in this run.
  Entry& see(const std::string& rule, const Notice& notice, const std::string& now);
  /// No such news in this run.
  void forget(const std::string& rule, NoticeKind kind) { entries_.erase({rule, to_string(kind)}); }

 private:
  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace usher
