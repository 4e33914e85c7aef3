#include "state/store/wanted.hpp"

#include <algorithm>
#include <vector>

namespace usher {

namespace {

PackedTable<WantedEntry> table(Connection& connection, PlatformId platform) {
  return {connection, platform, Packing::wanted};
}

/// What has a key, in key order; those of one key stay in the order they were given. Holds copies only of
/// what was not in order.
template <class Change>
class Sorted {
 public:
  explicit Sorted(std::span<const Change> changes) : changes_(changes) {
    if (std::ranges::is_sorted(changes, {}, &Change::key)) return;
    copies_.assign(changes.begin(), changes.end());
    std::ranges::stable_sort(copies_, {}, &Change::key);
    changes_ = copies_;
  }
  Sorted(const Sorted&) = delete;
  Sorted& operator=(const Sorted&) = delete;
  std::span<const Change> changes() const { return changes_; }

 private:
  std::vector<Change> copies_;
  std::span<const Change> changes_;
};

WantedEntry pack(const WantedRow& row) {
  return {row.key,
          row.settled.value_or(Fingerprint{}),
          row.settled.has_value(),
          static_cast<unsigned char>(row.state),
          row.digest,
          row.person};
}

bool wants_the_same(const WantedEntry& a, const WantedEntry& b) {
  return a.person == b.person && a.state == b.state && a.digest == b.digest;
}

struct Erased {
  Fingerprint key;
};

}  // namespace

Fingerprint leaver_digest(const Fingerprinter& fingerprints) {
  return fingerprints.of({"leaver"});
}

void Wanted::clear(PlatformId platform) {
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform).clear();
  transaction.commit();
}

void Wanted::put(PlatformId platform, std::span<const WantedRow> rows) {
  replace(platform, rows, rows.size());
}

void Wanted::replace(PlatformId platform, std::span<const WantedRow> rows, std::size_t additions) {
  const Sorted<WantedRow> sorted(rows);
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(sorted.changes(), additions, [](std::optional<WantedEntry>& entry, const WantedRow& row) {
        WantedEntry next = pack(row);
        if (!row.settled && entry && wants_the_same(*entry, next)) {
          next.settled = entry->settled;
          next.has_settled = entry->has_settled;
        }
        entry = next;
      });
  transaction.commit();
}

void Wanted::erase(PlatformId platform, std::span<const Fingerprint> keys) {
  std::vector<Erased> erased;
  for (const Fingerprint& key : keys) erased.push_back({key});
  const Sorted<Erased> sorted(erased);
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(sorted.changes(), 0, [](std::optional<WantedEntry>& entry, const Erased&) { entry.reset(); });
  transaction.commit();
}

void Wanted::set_settled(PlatformId platform, std::span<const Settled> settled) {
  const Sorted<Settled> sorted(settled);
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(sorted.changes(), 0, [](std::optional<WantedEntry>& entry, const Settled& found) {
        if (!entry) return;
        entry->settled = found.account;
        entry->has_settled = 1;
      });
  transaction.commit();
}

std::optional<WantedRow> Wanted::find(PlatformId platform, const Fingerprint& key) {
  const std::optional<WantedEntry> entry = table(connection_, platform).find(key);
  if (!entry) return std::nullopt;
  WantedRow row{entry->key, entry->person, static_cast<WantedState>(entry->state), entry->digest,
                std::nullopt};
  if (entry->has_settled != 0) row.settled = entry->settled;
  return row;
}

std::uint64_t Wanted::count(PlatformId platform) {
  return table(connection_, platform).count();
}

}  // namespace usher
