#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// What is packed for a platform: the fingerprints of its living accounts, or of what is wanted there.
enum class Packing { accounts = 0, wanted = 1 };

/// Entries of one size that begin with their 16-byte key, packed into buckets: a bucket is one row, and holds
/// in key order the entries whose keys begin with the same bits. Keys are spread evenly, so buckets hold
/// about the same number and need no tree of their own; when they hold too many on average, all are cut
/// finer. A row of SQLite for each entry costs ten times as much to scan and to write. Each row ends with a
/// checksum; one that does not agree, or is no multiple of the entry, is StoreError(corrupt). Knows bytes
/// only; PackedTable knows entries.
class PackedSpace {
 public:
  PackedSpace(Connection& connection, PlatformId platform, Packing what, std::size_t entry_size);

  std::uint64_t count() const { return count_; }
  std::uint64_t bucket_of(const Fingerprint& key) const;
  /// The row that holds a bucket.
  std::int64_t id_of(std::uint64_t bucket) const { return base(side_) | static_cast<std::int64_t>(bucket); }
  /// The entries of a bucket, none for one that is not there; valid until the next load.
  std::string_view load(std::uint64_t bucket);

  /// The rest changes the table, in the caller's transaction.
  void store(std::uint64_t bucket, std::string_view entries, std::size_t entries_before);
  /// Cuts the buckets finer when that many entries would crowd them.
  void expect(std::uint64_t entries);
  void clear();
  /// Notes how many entries there are; after the last store().
  void finish();

 private:
  std::int64_t base(std::int64_t side) const { return (space_ * 2 + side) << 32; }
  void cut(unsigned bits);
  void write_all(std::string_view entries);

  Connection& connection_;
  std::int64_t space_;
  std::size_t entry_size_;
  std::int64_t side_ = 0;  // a finer cut is written beside the old one, whose numbers it would overlap
  unsigned bits_ = 0;      // of a key that number its bucket
  std::uint64_t count_ = 0;
  std::string loaded_;
};

/// A table of packed entries. Entry: bytes only (alignment 1), first of them `Fingerprint key`.
template <class Entry>
class PackedTable {
  static_assert(std::is_trivially_copyable_v<Entry> && alignof(Entry) == 1);

 public:
  PackedTable(Connection& connection, PlatformId platform, Packing what)
      : space_(connection, platform, what, sizeof(Entry)) {}

  std::uint64_t count() const { return space_.count(); }

  std::optional<Entry> find(const Fingerprint& key) {
    const std::string_view bytes = space_.load(space_.bucket_of(key));
    std::size_t low = 0, high = bytes.size() / sizeof(Entry);
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      const Entry entry = entry_at(bytes, middle);
      if (entry.key == key) return entry;
      entry.key < key ? low = middle + 1 : high = middle;
    }
    return std::nullopt;
  }

  /// Applies changes that are sorted by their `key`: apply(std::optional<Entry>&, change) sees the entry of
  /// that key or nothing, and leaves what shall be there. `additions`: how many may be new. In the caller's
  /// transaction.
  template <class Change, class Apply>
  void change(std::span<const Change> sorted, std::size_t additions, const Apply& apply) {
    space_.expect(space_.count() + additions);
    std::string merged;
    for (auto first = sorted.begin(); first != sorted.end();) {
      const std::uint64_t bucket = space_.bucket_of(first->key);
      auto last = first + 1;
      while (last != sorted.end() && space_.bucket_of(last->key) == bucket) ++last;
      const std::string_view before = space_.load(bucket);
      merged.clear();
      merge(before, std::span<const Change>(first, last), apply, merged);
      if (merged != before) space_.store(bucket, merged, before.size() / sizeof(Entry));
      first = last;
    }
    space_.finish();
  }

  void clear() { space_.clear(); }

 private:
  static Entry entry_at(std::string_view bytes, std::size_t index) {
    Entry entry;
    std::memcpy(static_cast<void*>(&entry), bytes.data() + index * sizeof(Entry), sizeof(Entry));
    return entry;
  }
  static void append(std::string& bytes, const Entry& entry) {
    bytes.append(reinterpret_cast<const char*>(&entry), sizeof(Entry));
  }

  template <class Change, class Apply>
  static void merge(std::string_view before, std::span<const Change> changes, const Apply& apply,
                    std::string& merged) {
    const std::size_t entries = before.size() / sizeof(Entry);
    std::size_t next = 0;
    for (auto first = changes.begin(); first != changes.end();) {
      std::optional<Entry> entry;
      for (; next < entries; ++next) {
        const Entry other = entry_at(before, next);
        if (other.key > first->key) break;
        if (other.key < first->key) {
          append(merged, other);
        } else {
          entry = other;
        }
      }
      auto last = first;
      for (; last != changes.end() && last->key == first->key; ++last) apply(entry, *last);
      if (entry) append(merged, *entry);
      first = last;
    }
    merged.append(before.substr(next * sizeof(Entry)));
  }

  PackedSpace space_;
};

/// What the store knows of one living account without reading its body.
struct AccountEntry {
  Fingerprint key;
  Fingerprint digest;
  std::array<unsigned char, 4> row{};  ///< distance from the platform's first row, big-endian

  std::uint32_t offset() const {
    return std::uint32_t{row[0]} << 24 | std::uint32_t{row[1]} << 16 | std::uint32_t{row[2]} << 8 | row[3];
  }
  static AccountEntry of(const Fingerprint& key, const Fingerprint& digest, std::uint32_t offset) {
    const auto byte = [&](int shift) { return static_cast<unsigned char>(offset >> shift); };
    return {key, digest, {byte(24), byte(16), byte(8), byte(0)}};
  }
};

/// What the store knows of one wanted account.
struct WantedEntry {
  Fingerprint key;
  Fingerprint settled;
  unsigned char has_settled = 0;
  unsigned char state = 0;
  Fingerprint digest;
  Fingerprint person;
};

/// The packed rows of a key range, entry by entry, for scans. No allocation once under way.
class PackedScan {
 public:
  PackedScan(Connection& connection, PlatformId platform, Packing what, std::size_t entry_size,
             const Fingerprint& first, const Fingerprint& last);
  PackedScan(const PackedScan&) = delete;
  PackedScan& operator=(const PackedScan&) = delete;

  /// The next entry's bytes; null at the end, and then always. Valid until the next call.
  const unsigned char* next() {
    while (at_ == end_)
      if (!load()) return nullptr;
    const unsigned char* entry = at_;
    at_ += entry_size_;
    return entry;
  }

 private:
  bool load();

  Statement select_;
  std::size_t entry_size_;
  Fingerprint first_, last_;
  const unsigned char* at_ = nullptr;
  const unsigned char* end_ = nullptr;
  bool more_ = true;
};

}  // namespace usher
