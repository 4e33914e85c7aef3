#pragma once

#include <functional>
#include <future>
#include <optional>
#include <stop_token>
#include <string>

#include "connectors/recipe/call.hpp"

namespace usher::recipe {

/// One request sent ahead, in a thread of its own, while the page before it is read. For one thread at a
/// time; ends within one request of its destruction.
class Prefetch {
 public:
  using Send = std::function<Outcome<Reply>(std::stop_token)>;

  Prefetch() = default;
  ~Prefetch() { drop(); }
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// Begins to send what take() will ask for under this name. What was begun before is dropped.
  void begin(std::string name, Send send, std::stop_token stop);
  /// The reply, waited for; nullopt when nothing was begun under this name: whatever was begun is dropped.
  std::optional<Outcome<Reply>> take(const std::string& name);

 private:
  void drop();

  std::string name_;
  std::stop_source stop_;
  std::future<Outcome<Reply>> reply_;
};

}  // namespace usher::recipe
