#include "rules/cel/arena.hpp"

#include <algorithm>
#include <cstring>

namespace usher::cel {

namespace {
constexpr std::size_t first_block = 4096;
}

std::string_view Arena::concatenate(std::string_view left, std::string_view right) {
  if (left.empty()) return right;
  if (right.empty()) return left;
  const bool last = left.data() + left.size() == next_ && left.data() >= begin_;
  if (last && static_cast<std::size_t>(end_ - next_) >= right.size()) {
    std::memmove(text(right.size()), right.data(), right.size());
    return {left.data(), left.size() + right.size()};
  }
  char* place = text(left.size() + right.size());
  std::memcpy(place, left.data(), left.size());
  std::memcpy(place + left.size(), right.data(), right.size());
  return {place, left.size() + right.size()};
}

void Arena::reset() {
  passed_ = 0;
  if (!blocks_.empty()) enter(0);
}

void Arena::grow(std::size_t size) {
  passed_ += static_cast<std::size_t>(next_ - begin_);
  std::size_t block = begin_ == nullptr ? 0 : current_ + 1;
  while (block < blocks_.size() && blocks_[block].size < size) ++block;
  if (block == blocks_.size()) {
    const std::size_t wanted = blocks_.empty() ? first_block : blocks_.back().size * 2;
    const std::size_t taken = std::max(wanted, size);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(taken), taken});
  }
  enter(block);
}

void Arena::enter(std::size_t block) {
  current_ = block;
  begin_ = next_ = blocks_[block].memory.get();
  end_ = begin_ + blocks_[block].size;
}

}  // namespace usher::cel
