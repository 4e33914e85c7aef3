#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace usher {

/// A number that is counted when it is first asked for: counting everybody costs more than a plan without
/// changes. For one thread.
class LazyCount {
 public:
  LazyCount(std::uint64_t known = 0) : known_(known) {}
  explicit LazyCount(std::function<std::uint64_t()> count) : count_(std::move(count)) {}

  std::uint64_t value() const {
    if (!known_) known_ = count_();
    return *known_;
  }

 private:
  std::function<std::uint64_t()> count_;
  mutable std::optional<std::uint64_t> known_;
};

}  // namespace usher
