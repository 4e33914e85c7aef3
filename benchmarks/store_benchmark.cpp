// The state at a million accounts: first load, pulls of the same accounts, the merge that the diff rests on.
// The state lies in $TMPDIR; every figure is wall-clock time of the thread (or threads) that would do the
// work in a run.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "state/store/scan.hpp"
#include "state/store/snapshot_writer.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t accounts = 1'000'000;
constexpr std::size_t page_size = 100;

/// A state of its own, removed with its object.
struct Scratch {
  Scratch() {
    static int number = 0;
    folder = fs::temp_directory_path() / fmt::format("usher-store-benchmark-{}-{}", ::getpid(), ++number);
    fs::create_directory(folder);
  }
  ~Scratch() { fs::remove_all(folder); }
  fs::path file() const { return folder / "usher.db"; }
  fs::path folder;
};

/// An account about as large as most platforms': 300 bytes of JSON, ids in no order.
Account account(std::size_t n, int version) {
  Account account;
  account.id = fmt::format("{:08x}-{:04x}-4000-8000-{:012x}", n * 2654435761U % 0xffffffffU, n % 0xffff, n);
  account.active = n % 17 != 0;
  account.attributes = fmt::format(
      R"({{"created_at":"2024-03-01T09:00:00Z","credentials":{{"identity":"person{}@example.com"}},"metadata":)"
      R"({{"department":"engineering","site":"Lyon","version":{}}},"name":"Person Number {}","status":"enabled"}})",
      n, version, n);
  account.memberships = fmt::format(R"({{"group":{{"group-{}":["c_list","g_list"]}}}})", n % 1000);
  return account;
}

using Pages = std::vector<std::vector<PreparedAccount>>;

/// Every `changed_every`th account is another than in version 0; 0: none.
Pages pages(const Database& database, std::size_t changed_every = 0) {
  Pages pages;
  for (std::size_t first = 0; first < accounts; first += page_size) {
    auto& page = pages.emplace_back();
    for (std::size_t n = first; n < std::min(first + page_size, accounts); ++n) {
      const int version = changed_every != 0 && n % changed_every == 0 ? 1 : 0;
      page.push_back(prepare(account(n, version), database.fingerprints()));
    }
  }
  return pages;
}

Published pull(Database& database, PlatformId platform, Pages pages) {
  SnapshotWriter writer(database, platform);
  for (auto& page : pages) writer.add(std::move(page));
  Publication publication;
  publication.sealed = true;
  publication.started_at = publication.ended_at = "2026-01-01T00:00:00Z";
  return writer.publish(publication);
}

/// A state that holds a million accounts and wants all of them but one in a hundred as they are.
class Loaded {
 public:
  static Loaded& instance() {
    static Loaded loaded;
    return loaded;
  }
  Scratch scratch;
  Database database{scratch.file(), Access::write};
  PlatformId platform = database.platform("iot");

 private:
  Loaded() {
    pull(database, platform, pages(database));
    std::vector<WantedRow> rows;
    AccountScan scan(database.connection(), platform, key_slices(1).front());
    for (std::size_t n = 0; scan.next(); ++n) {
      WantedRow row{scan.key(), scan.key(), WantedState::present, scan.digest(), scan.digest()};
      if (n % 100 == 0) row.settled = Fingerprint{};
      rows.push_back(row);
    }
    Wanted(database.connection()).put(platform, rows);
    database.connection().execute("pragma wal_checkpoint(truncate)");
  }
};

void count_accounts(benchmark::State& state, std::size_t each = accounts) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(each));
}

void store_first_load(benchmark::State& state) {
  const bool beside_another = state.range(0) != 0;
  for (auto _ : state) {
    state.PauseTiming();
    {
      const Scratch scratch;
      Database database(scratch.file(), Access::write);
      const PlatformId platform = database.platform("first");
      if (beside_another) pull(database, database.platform("second"), pages(database));
      Pages input = pages(database);
      state.ResumeTiming();
      pull(database, platform, std::move(input));
      state.PauseTiming();
      state.counters["bytes"] = static_cast<double>(fs::file_size(scratch.file()));
    }
    state.ResumeTiming();
  }
  count_accounts(state);
}
BENCHMARK(store_first_load)
    ->ArgName("beside_another")
    ->Arg(0)
    ->Arg(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

enum Order { same_order, pages_shuffled, all_shuffled };

void store_pull_unchanged(benchmark::State& state) {
  Loaded& loaded = Loaded::instance();
  std::mt19937 random(7);
  for (auto _ : state) {
    state.PauseTiming();
    Pages input = pages(loaded.database);
    if (state.range(0) != same_order) std::ranges::shuffle(input, random);
    if (state.range(0) == all_shuffled) {
      for (auto& page : input)
        for (auto& prepared : page) {
          auto& other = input[random() % input.size()];
          std::swap(prepared, other[random() % other.size()]);
        }
    }
    state.ResumeTiming();
    const Published published = pull(loaded.database, loaded.platform, std::move(input));
    if (published.added + published.changed + published.removed != 0)
      state.SkipWithError("something changed");
  }
  count_accounts(state);
}
BENCHMARK(store_pull_unchanged)
    ->ArgName("order")
    ->Arg(same_order)
    ->Arg(pages_shuffled)
    ->Arg(all_shuffled)
    ->Iterations(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void store_pull_changed(benchmark::State& state) {
  const Scratch scratch;
  Database database(scratch.file(), Access::write);
  const PlatformId platform = database.platform("iot");
  pull(database, platform, pages(database));
  std::size_t changed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Pages input = pages(database, ++changed % 2 == 1 ? 100 : 0);  // there and back
    SnapshotWriter writer(database, platform);
    state.ResumeTiming();
    for (auto& page : input) writer.add(std::move(page));
    const auto begin = std::chrono::steady_clock::now();
    const Published published =
        writer.publish({true, "", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", {}, "", ""});
    state.counters["publish_ms"] =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    if (published.changed != accounts / 100) state.SkipWithError("not one in a hundred changed");
  }
  count_accounts(state);
}
BENCHMARK(store_pull_changed)
    ->Iterations(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

/// How many keys of a slice differ between the two sides.
std::size_t merge(Connection& connection, PlatformId platform, const KeySlice& slice) {
  AccountScan have(connection, platform, slice);
  WantedScan want(connection, platform, slice);
  std::size_t different = 0;
  bool some = have.next(), more = want.next();
  while (some && more) {
    const auto order = have.key() <=> want.key();
    if (order == 0) {
      different += !want.has_settled() || want.settled() != have.digest();
      some = have.next();
      more = want.next();
    } else {
      ++different;
      order < 0 ? some = have.next() : more = want.next();
    }
  }
  for (; some; some = have.next()) ++different;
  for (; more; more = want.next()) ++different;
  return different;
}

double private_megabytes() {
  std::ifstream in("/proc/self/smaps_rollup");
  std::string word;
  double kilobytes = 0, total = 0;
  while (in >> word)
    if (word == "Private_Dirty:" && in >> kilobytes) total += kilobytes;
  return total / 1024;
}

void store_merge(benchmark::State& state) {
  Loaded& loaded = Loaded::instance();
  const auto threads = static_cast<std::size_t>(state.range(0));
  const double before = private_megabytes();
  for (auto _ : state) {
    const std::vector<KeySlice> slices = key_slices(threads);
    std::vector<std::size_t> different(threads);
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        Connection connection = loaded.database.reader();
        different[i] = merge(connection, loaded.platform, slices[i]);
      });
    }
    workers.clear();
    std::size_t sum = 0;
    for (const std::size_t count : different) sum += count;
    if (sum != accounts / 100) state.SkipWithError("not one in a hundred differs");
  }
  state.counters["private_mb"] = std::max(0.0, private_megabytes() - before);
  count_accounts(state, 2 * accounts);
}
BENCHMARK(store_merge)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace usher
