#include "connectors/files/keys_seen.hpp"

#include <xxhash.h>

#include <utility>

namespace usher {
namespace {

constexpr std::uint64_t line_mask = (std::uint64_t{1} << 40U) - 1;

}  // namespace

std::optional<std::uint64_t> KeysSeen::add(std::string_view key, std::uint64_t line) {
  if ((used_ + 1) * 4 > slots_.size() * 3) grow();
  const XXH128_hash_t digest = XXH3_128bits(key.data(), key.size());
  const std::uint64_t high = digest.high64 & ~line_mask;
  Slot& slot = place(digest.low64, high);
  if ((slot.high_and_line & line_mask) != 0) return slot.high_and_line & line_mask;
  slot = {digest.low64, high | (line & line_mask)};
  ++used_;
  return std::nullopt;
}

void KeysSeen::clear() {
  slots_.clear();
  used_ = 0;
}

KeysSeen::Slot& KeysSeen::place(std::uint64_t low, std::uint64_t high) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = low & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    const bool free = (slot.high_and_line & line_mask) == 0;
    if (free || (slot.low == low && (slot.high_and_line & ~line_mask) == high)) return slot;
  }
}

void KeysSeen::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 1024 : slots_.size() * 2));
  for (const Slot& slot : old)
    if ((slot.high_and_line & line_mask) != 0) place(slot.low, slot.high_and_line & ~line_mask) = slot;
}

}  // namespace usher
