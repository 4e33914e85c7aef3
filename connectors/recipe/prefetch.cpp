#include "connectors/recipe/prefetch.hpp"

namespace usher::recipe {

void Prefetch::begin(std::string name, Send send, std::stop_token stop) {
  drop();
  name_ = std::move(name);
  stop_ = std::stop_source();
  reply_ =
      std::async(std::launch::async, [send = std::move(send), stop = std::move(stop), own = stop_]() mutable {
        const std::stop_callback forward(stop, [&own] { own.request_stop(); });
        return send(own.get_token());
      });
}

std::optional<Outcome<Reply>> Prefetch::take(const std::string& name) {
  if (!reply_.valid()) return std::nullopt;
  if (name != name_) {
    drop();
    return std::nullopt;
  }
  return reply_.get();
}

void Prefetch::drop() {
  if (!reply_.valid()) return;
  stop_.request_stop();
  reply_.wait();
  reply_ = {};
}

}  // namespace usher::recipe
