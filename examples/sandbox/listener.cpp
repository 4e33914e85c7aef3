#include "examples/sandbox/listener.hpp"

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace usher::sandbox {
namespace {

/// A thread for every connection that is open; idle threads are used again. httplib's own pool has a fixed
/// size, and a kept-alive connection beyond it would wait for ever.
class Crowd : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (jobs_.size() > idle_) threads_.emplace_back([this] { work(); });
    wake_.notify_one();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return over_ || !jobs_.empty(); });
      --idle_;
      if (jobs_.empty()) return;
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool over_ = false;
};

/// One connection: reads through a buffer, collects a whole reply and sends it at once.
class Connection : public httplib::Stream {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  bool is_readable() const override { return begin_ < end_ || wait(); }
  bool is_writable() const override { return true; }

  ssize_t read(char* to, std::size_t size) override {
    if (begin_ == end_) {
      const ssize_t got = wait() ? ::recv(socket_, buffer_.data(), buffer_.size(), 0) : -1;
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, std::size_t size) override {
    if (!silent_) out_.append(from, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip = "127.0.0.1", port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip = "127.0.0.1", port = 0; }
  socket_t socket() const override { return socket_; }

  /// Whether another request has begun; false when the client went away or was silent for too long.
  bool next() { return begin_ < end_ || wait(); }

  bool flush() {
    std::size_t sent = 0;
    while (sent < out_.size()) {
      const ssize_t count = ::send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    out_.clear();
    return true;
  }

  /// Nothing of this reply is to be sent, and the connection is to be closed.
  void fall_silent() { silent_ = true; }
  /// The connection is to be closed so many milliseconds after this reply, which says nothing of it.
  void close_after(std::int64_t milliseconds) { closes_after_ms_ = milliseconds; }
  std::int64_t closes_after_ms() const { return closes_after_ms_; }
  bool silent() const { return silent_; }

 private:
  static constexpr int silence_ms = 120'000;

  bool wait() const {
    pollfd waiting{socket_, POLLIN, 0};
    int result = 0;
    do result = ::poll(&waiting, 1, silence_ms);
    while (result < 0 && errno == EINTR);
    return result > 0;
  }

  int socket_;
  std::array<char, 16384> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
  bool silent_ = false;
  std::int64_t closes_after_ms_ = -1;
};

thread_local Connection* connection_of_this_thread = nullptr;

Call call_of(const httplib::Request& request) {
  Call call;
  call.method = request.method;
  call.path = request.path;
  call.target = request.target;
  call.query = request.params;
  call.authorization = request.get_header_value("Authorization");
  call.content_type = request.get_header_value("Content-Type");
  call.referer = request.get_header_value("Referer");
  call.host = request.get_header_value("Host");
  call.body = request.body;
  return call;
}

/// A content provider that hands over `part` and then gives up, so that httplib closes the connection.
auto giving_up_after(std::string part) {
  return [part = std::move(part)](std::size_t, httplib::DataSink& sink) {
    sink.write(part.data(), part.size());
    return false;
  };
}

void deliver(Reply&& reply, httplib::Response& response) {
  response.status = reply.status;
  connection_of_this_thread->close_after(reply.closes_after_ms);
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  const std::size_t whole = reply.body.size();
  std::string part = reply.body.substr(0, reply.delivery == Delivery::whole ? 0 : reply.delivered);
  switch (reply.delivery) {
    case Delivery::nothing:
      connection_of_this_thread->fall_silent();
      break;
    case Delivery::cut_length:
      response.set_content_provider(
          whole, reply.content_type,
          [give = giving_up_after(std::move(part))](std::size_t offset, std::size_t,
                                                    httplib::DataSink& sink) { return give(offset, sink); });
      break;
    case Delivery::cut_chunk:
      response.set_chunked_content_provider(reply.content_type, giving_up_after(std::move(part)));
      break;
    case Delivery::whole:
      response.body = std::move(reply.body);
      if (!reply.content_type.empty()) response.set_header("Content-Type", reply.content_type);
  }
}

}  // namespace

class Listener::Http : public httplib::Server {
 public:
  Http(const std::string& host, int port, Listener::Handler handler) : handler_(std::move(handler)) {
    new_task_queue = [] { return new Crowd; };
    set_tcp_nodelay(true);
    // Not SO_REUSEPORT, which httplib sets: a second sandbox on the port would answer every other call.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_keep_alive_max_count(1'000'000'000);
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      deliver(handler_(call_of(request)), response);
    };
    set_pre_routing_handler([answer](const httplib::Request& request, httplib::Response& response) {
      if (request.method != "GET") return HandlerResponse::Unhandled;  // its body has not been read yet
      answer(request, response);
      return HandlerResponse::Handled;
    });
    Post(".*", answer).Put(".*", answer).Patch(".*", answer).Delete(".*", answer);
    port_ = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : -1);
    if (port_ < 0)
      throw std::runtime_error("cannot listen on " + host + ":" + std::to_string(port) + ": " +
                               std::strerror(errno));
    ::listen(svr_sock_, 1024);  // httplib's backlog of 5 makes the sixth client wait a second
    thread_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();
  }

  void end() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    httplib::Server::stop();
    thread_.join();
  }

  int port() const { return port_; }

 private:
  bool process_and_close_socket(socket_t socket) override {
    {
      const std::lock_guard lock(mutex_);
      open_.insert(socket);
      if (ending_) ::shutdown(socket, SHUT_RDWR);
    }
    serve(socket);
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return true;
  }

  void serve(socket_t socket) {
    Connection connection(socket);
    connection_of_this_thread = &connection;
    while (connection.next()) {
      bool closed = false;
      const bool kept = process_request(connection, false, closed, [](httplib::Request& request) {
        // A POST without a body may come without a length; httplib would then read until the client closes.
        if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding"))
          request.set_header("Content-Length", "0");
      });
      if (connection.silent() || !connection.flush() || !kept || closed) break;
      if (const std::int64_t left = connection.closes_after_ms(); left >= 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(left));
        break;
      }
    }
    connection_of_this_thread = nullptr;
  }

  Listener::Handler handler_;
  int port_ = -1;
  std::thread thread_;
  std::mutex mutex_;
  std::set<int> open_;
  bool ending_ = false;
};

Listener::Listener(const std::string& host, int port, Handler handler)
    : http_(std::make_unique<Http>(host, port, std::move(handler))) {}

Listener::~Listener() {
  stop();
}

int Listener::port() const {
  return http_->port();
}

void Listener::stop() {
  http_->end();
}

}  // namespace usher::sandbox
