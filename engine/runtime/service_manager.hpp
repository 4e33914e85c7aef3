#pragma once

#include <string>
#include <string_view>

namespace usher {

/// The service manager (systemd) that started the program, and is told what it does: sd_notify(3). Threads:
/// any.
class ServiceManager {
 public:
  /// socket: what NOTIFY_SOCKET holds; empty: nobody is to be told.
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

  bool listens() const { return !socket_.empty(); }
  /// Sends lines such as "STATUS=pull iot". What does not arrive changes nothing.
  void tell(std::string_view lines) const noexcept;

 private:
  std::string socket_;
};

}  // namespace usher
