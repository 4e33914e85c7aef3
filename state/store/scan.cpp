#include "state/store/scan.hpp"

namespace usher {

namespace {

/// The key space is cut by its first 64 bits.
Fingerprint boundary(std::uint64_t first_bits, unsigned char rest) {
  Fingerprint key;
  key.bytes.fill(rest);
  for (std::size_t i = 0; i < 8; ++i) key.bytes[i] = static_cast<unsigned char>(first_bits >> (56 - 8 * i));
  return key;
}

}  // namespace

std::vector<KeySlice> key_slices(std::size_t count) {
  if (count == 0) count = 1;
  const std::uint64_t width = UINT64_MAX / count;
  std::vector<KeySlice> slices;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t last = i + 1 == count ? UINT64_MAX : width * (i + 1) - 1;
    slices.push_back({boundary(width * i, 0), boundary(last, 0xff)});
  }
  return slices;
}

AccountScan::AccountScan(Connection& connection, PlatformId platform, const KeySlice& slice)
    : statement_(
          connection.prepare("select key, digest from account where platform = ?1 and key between ?2 and ?3 "
                             "order by key")),
      slice_(slice) {
  statement_.bind(static_cast<std::int64_t>(platform), slice_.first, slice_.last);
}

bool AccountScan::next() {
  if (!more_) return false;
  more_ = statement_.step();
  if (!more_) return false;
  key_ = statement_.fingerprint(0);
  digest_ = statement_.fingerprint(1);
  return true;
}

WantedScan::WantedScan(Connection& connection, PlatformId platform, const KeySlice& slice)
    : statement_(connection.prepare(
          "select key, settled, state from wanted where platform = ?1 and key between ?2 and "
          "?3 order by key")),
      slice_(slice) {
  statement_.bind(static_cast<std::int64_t>(platform), slice_.first, slice_.last);
}

bool WantedScan::next() {
  if (!more_) return false;
  more_ = statement_.step();
  if (!more_) return false;
  key_ = statement_.fingerprint(0);
  has_settled_ = !statement_.null(1);
  settled_ = statement_.fingerprint(1);
  state_ = static_cast<WantedState>(statement_.integer(2));
  return true;
}

}  // namespace usher
