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
    : entries_(connection, platform, Packing::accounts, sizeof(AccountEntry), slice.first, slice.last) {}

bool AccountScan::next() {
  const unsigned char* bytes = entries_.next();
  if (bytes == nullptr) return false;
  std::memcpy(static_cast<void*>(&entry_), bytes, sizeof entry_);
  return true;
}

WantedScan::WantedScan(Connection& connection, PlatformId platform, const KeySlice& slice)
    : entries_(connection, platform, Packing::wanted, sizeof(WantedEntry), slice.first, slice.last) {}

bool WantedScan::next() {
  const unsigned char* bytes = entries_.next();
  if (bytes == nullptr) return false;
  std::memcpy(static_cast<void*>(&entry_), bytes, sizeof entry_);
  return true;
}

}  // namespace usher
