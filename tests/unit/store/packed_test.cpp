#include "state/store/packed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "state/store/scan.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

/// A key as evenly spread as real ones.
Fingerprint key_of(std::uint64_t n) {
  std::mt19937_64 random(n);
  Fingerprint key;
  for (auto& byte : key.bytes) byte = static_cast<unsigned char>(random());
  return key;
}

struct Edit {
  Fingerprint key;
  std::optional<std::uint32_t> row;  // nothing: erase
};

void apply(PackedTable<AccountEntry>& table, std::vector<Edit> edits) {
  std::ranges::stable_sort(edits, {}, &Edit::key);
  table.change(std::span<const Edit>(edits), edits.size(),
               [](std::optional<AccountEntry>& entry, const Edit& edit) {
                 entry.reset();
                 if (edit.row) entry = AccountEntry::of(edit.key, key_of(*edit.row), *edit.row);
               });
}

std::map<Fingerprint, std::uint32_t> scan(Connection& connection, PlatformId platform, std::size_t slices) {
  std::map<Fingerprint, std::uint32_t> found;
  for (const KeySlice& slice : key_slices(slices)) {
    PackedScan entries(connection, platform, Packing::accounts, sizeof(AccountEntry), slice.first,
                       slice.last);
    while (const unsigned char* bytes = entries.next()) {
      AccountEntry entry;
      std::memcpy(static_cast<void*>(&entry), bytes, sizeof entry);
      RC_ASSERT(entry.digest == key_of(entry.offset()));
      RC_ASSERT((found.empty() || found.rbegin()->first < entry.key));
      found.emplace(entry.key, entry.offset());
    }
  }
  return found;
}

/// Enough entries for buckets to be cut, in steps of any size, with keys that come back and keys that go.
RC_GTEST_PROP(Packed, HoldsWhatAMapWouldHold, ()) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  const PlatformId platform = database.platform("iot");
  std::map<Fingerprint, std::uint32_t> model;
  const auto steps = *rc::gen::inRange(1, 6);
  for (int step = 0; step < steps; ++step) {
    const auto count = *rc::gen::inRange(0, 400);
    std::vector<Edit> edits;
    for (int i = 0; i < count; ++i) {
      const auto n = static_cast<std::uint32_t>(*rc::gen::inRange(0, 600));
      const bool erase = *rc::gen::inRange(0, 3) == 0;
      edits.push_back(
          {key_of(n), erase ? std::nullopt : std::optional(n + static_cast<std::uint32_t>(step))});
      if (erase) {
        model.erase(key_of(n));
      } else {
        model[key_of(n)] = *edits.back().row;
      }
    }
    Transaction transaction(database.connection());
    PackedTable<AccountEntry> table(database.connection(), platform, Packing::accounts);
    apply(table, edits);
    transaction.commit();
    RC_ASSERT(table.count() == model.size());
  }
  RC_ASSERT(scan(database.connection(), platform, 1) == model);
  RC_ASSERT(scan(database.connection(), platform, 7) == model);
  PackedTable<AccountEntry> table(database.connection(), platform, Packing::accounts);
  for (std::uint64_t n = 0; n < 600; ++n) {
    const std::optional<AccountEntry> entry = table.find(key_of(n));
    const auto expected = model.find(key_of(n));
    RC_ASSERT(entry.has_value() == (expected != model.end()));
    if (entry) RC_ASSERT(entry->offset() == expected->second);
  }
}

TEST(Packed, SpreadsMuchOverManyRows) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  const PlatformId platform = database.platform("iot");
  std::vector<Edit> edits;
  for (std::uint32_t n = 0; n < 20000; ++n) edits.push_back({key_of(n), n});
  PackedTable<AccountEntry> table(database.connection(), platform, Packing::accounts);
  apply(table, edits);
  EXPECT_EQ(number(database.connection(), "select count(*) from packed"), 1024);
  EXPECT_LT(number(database.connection(), "select max(length(entries)) from packed"), 3000);
  table.clear();
  EXPECT_EQ(number(database.connection(), "select count(*) from packed"), 0);
  EXPECT_EQ(table.find(key_of(1)), std::nullopt);
}

TEST(KeySlices, CoverEveryKeyOnce) {
  for (const std::size_t count : {1U, 2U, 3U, 16U, 1000U}) {
    const std::vector<KeySlice> slices = key_slices(count);
    ASSERT_EQ(slices.size(), count);
    EXPECT_EQ(slices.front().first, Fingerprint{});
    EXPECT_EQ(slices.back().last.hex(), std::string(32, 'f'));
    for (std::uint64_t n = 0; n < 200; ++n) {
      const Fingerprint key = key_of(n);
      EXPECT_EQ(
          std::ranges::count_if(slices, [&](const KeySlice& s) { return s.first <= key && key <= s.last; }),
          1);
    }
  }
}

}  // namespace
}  // namespace usher
