#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "state/model/mutex.hpp"

namespace usher::recipe {

/// Replies to reads of single accounts, kept for the change that follows: it need not read the object again.
/// Each serves one change. A small number is kept. Safe from any thread.
class ObjectsRead {
 public:
  struct Reply {
    std::string body, etag;
    std::string shown;  ///< the request, for messages
  };

  /// Forgets everything. keeps: whether replies are kept from now on.
  void begin(bool keeps);
  bool keeps() const { return keeps_; }
  void put(const std::string& account, Reply reply);
  /// The last one of the account, which is forgotten; nullopt: there is none.
  std::optional<Reply> take(const std::string& account);

 private:
  static constexpr std::size_t most = 1024;
  Mutex mutex_;
  std::atomic<bool> keeps_ = false;
  std::unordered_map<std::string, Reply> replies_ GUARDED_BY(mutex_);  // by account
};

}  // namespace usher::recipe
