#include "tests/unit/connectors/closing_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace usher {
namespace {

/// Reads one request; false when the other side has gone.
bool read_request(int connection) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t length = text.find("Content-Length: ");
      const std::size_t body = length == std::string::npos ? 0 : std::stoul(text.substr(length + 16));
      if (text.size() >= head + 4 + body) return true;
    }
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

ClosingServer::ClosingServer(std::chrono::microseconds after)
    : after_(after), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, where, size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, where, &size) != 0)
    throw std::runtime_error("no socket to listen on");
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) {
    while (true) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0 || stop.stop_requested()) return;
      connections_.emplace_back([this, connection] { serve(connection); });
    }
  });
}

ClosingServer::~ClosingServer() {
  accepting_.request_stop();
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  connections_.clear();
  close(listener_);
}

void ClosingServer::serve(int connection) {
  static constexpr std::string_view reply =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  if (read_request(connection)) {
    ++answered_;
    if (send(connection, reply.data(), reply.size(), MSG_NOSIGNAL) > 0) std::this_thread::sleep_for(after_);
  }
  close(connection);
}

}  // namespace usher
