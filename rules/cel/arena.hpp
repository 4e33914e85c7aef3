#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace usher::cel {

/// Memory for the values of one evaluation after another: taken in a straight line, given back all at once.
/// Whatever an arena handed out is valid until reset() or its end. Not thread-safe: one a thread.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised room for `size` bytes of text; no alignment.
  char* text(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) grow(size);
    char* place = next_;
    next_ += size;
    return place;
  }

  /// Room for `count` objects of a trivially destructible type, default-initialised.
  template <typename T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
    if (count == 0) return {};
    T* first = static_cast<T*>(aligned(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

  template <typename T>
  T* make(const T& value) {
    return new (aligned(sizeof(T), alignof(T))) T(value);
  }

  std::string_view copy(std::string_view source) {
    if (source.empty()) return {};
    char* place = text(source.size());
    std::memcpy(place, source.data(), source.size());
    return {place, source.size()};
  }

  /// `left` followed by `right`. Where `left` was the last thing taken it is continued in place, so that a
  /// chain of concatenations costs its length once.
  std::string_view concatenate(std::string_view left, std::string_view right);

  /// Bytes handed out since the last reset.
  std::size_t used() const { return passed_ + static_cast<std::size_t>(next_ - begin_); }

  /// Forgets everything handed out and keeps the memory for what comes next.
  void reset();

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size;
  };

  void* aligned(std::size_t size, std::size_t alignment) {
    std::size_t gap = -reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1);
    if (static_cast<std::size_t>(end_ - next_) < size + gap) {
      grow(size);  // a block starts aligned for every type
      gap = 0;
    }
    char* place = next_ + gap;
    next_ = place + size;
    return place;
  }
  void grow(std::size_t size);
  void enter(std::size_t block);

  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t passed_ = 0;  // bytes used in the blocks before the current one
  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace usher::cel
