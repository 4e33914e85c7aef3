#include "state/store/wanted.hpp"

#include <algorithm>
#include <vector>

namespace usher {

namespace {

PackedTable<WantedEntry> table(Connection& connection, PlatformId platform) {
  return {connection, platform, Packing::wanted};
}

/// Copies of what has a key, in key order; those of one key stay in the order they were given.
template <class Change>
std::vector<Change> sorted(std::span<const Change> changes) {
  std::vector<Change> copies(changes.begin(), changes.end());
  if (!std::ranges::is_sorted(copies, {}, &Change::key)) std::ranges::stable_sort(copies, {}, &Change::key);
  return copies;
}

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
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(std::span<const WantedRow>(sorted(rows)), rows.size(),
              [](std::optional<WantedEntry>& entry, const WantedRow& row) {
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
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(std::span<const Erased>(sorted(std::span<const Erased>(erased))), 0,
              [](std::optional<WantedEntry>& entry, const Erased&) { entry.reset(); });
  transaction.commit();
}

void Wanted::set_settled(PlatformId platform, std::span<const Settled> settled) {
  Transaction transaction(connection_, Durability::lazy);
  table(connection_, platform)
      .change(std::span<const Settled>(sorted(settled)), 0,
              [](std::optional<WantedEntry>& entry, const Settled& found) {
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
