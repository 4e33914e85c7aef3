#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace usher {

/// An HTTP/1.1 server on loopback that closes every connection some time after its first reply without saying
/// so, and leaves unread what arrives meanwhile. It answers everything with 200 and an empty object.
class ClosingServer {
 public:
  explicit ClosingServer(std::chrono::microseconds after);
  ~ClosingServer();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int answered() const { return answered_; }

 private:
  void serve(int connection);

  const std::chrono::microseconds after_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> answered_{0};
  std::vector<std::jthread> connections_;
  std::jthread accepting_;
};

}  // namespace usher
