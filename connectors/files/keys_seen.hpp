#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace usher {

/// Which keys a listing held so far and in which line: 16 bytes a key, whatever its length. Keys are told
/// apart by 88 bits of XXH3-128: among ten million, two are taken for one with a chance of 1 in 6·10^12.
class KeysSeen {
 public:
  /// Remembers a key. When it was there before: the line (from 1) it was seen in first.
  std::optional<std::uint64_t> add(std::string_view key, std::uint64_t line);
  void clear();

 private:
  struct Slot {
    std::uint64_t low = 0;
    std::uint64_t high_and_line = 0;  ///< 24 bits of digest, 40 bits of line; line 0: free
  };
  Slot& place(std::uint64_t low, std::uint64_t high);
  void grow();

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace usher
