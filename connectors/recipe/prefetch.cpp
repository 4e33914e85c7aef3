#include "connectors/recipe/prefetch.hpp"

namespace usher::recipe {

void Prefetch::begin(const Listing& listing, Extra page, Send send, std::stop_token stop) {
  drop();
  listing_ = &listing;
  page_ = std::move(page);
  stop_ = std::stop_source();
  reply_ =
      std::async(std::launch::async, [send = std::move(send), stop = std::move(stop), own = stop_]() mutable {
        const std::stop_callback forward(stop, [&own] { own.request_stop(); });
        return send(own.get_token());
      });
}

std::optional<Outcome<Reply>> Prefetch::take(const Listing& listing, const Extra& page) {
  if (!reply_.valid()) return std::nullopt;
  if (&listing != listing_ || page != page_) {
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
