#include "engine/plan/diff.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <iterator>

namespace usher {

namespace {

constexpr std::size_t slices = 16;

void add_missing(const WantedScan& wanted, const Fingerprint& nobody, Difference& found) {
  if (wanted.state() == WantedState::leaver && wanted.has_settled() && wanted.settled() == nobody) {
    ++found.absent;
  } else {
    found.missing.push_back(wanted.key());
  }
}

Difference merge(Connection& connection, PlatformId platform, const KeySlice& slice,
                 const Fingerprint& nobody) {
  Difference found;
  AccountScan account(connection, platform, slice);
  WantedScan wanted(connection, platform, slice);
  bool has_account = account.next();
  bool has_wanted = wanted.next();
  while (has_account && has_wanted) {
    const auto order = account.key() <=> wanted.key();
    if (order < 0) {
      found.unclaimed.push_back(account.key());
      has_account = account.next();
    } else if (order > 0) {
      add_missing(wanted, nobody, found);
      has_wanted = wanted.next();
    } else {
      if (wanted.has_settled() && wanted.settled() == account.digest()) {
        ++found.settled;
      } else {
        found.unsettled.push_back(account.key());
      }
      has_account = account.next();
      has_wanted = wanted.next();
    }
  }
  for (; has_account; has_account = account.next()) found.unclaimed.push_back(account.key());
  for (; has_wanted; has_wanted = wanted.next()) add_missing(wanted, nobody, found);
  return found;
}

void append(std::vector<Fingerprint>& to, const std::vector<Fingerprint>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Difference diff(const Database& database, PlatformId platform, const Fingerprint& nobody) {
  const std::vector<KeySlice> parts = key_slices(slices);
  std::vector<Difference> found(parts.size());
  tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    found[i] = merge(connection, platform, parts[i], nobody);
  });
  Difference all;
  for (const Difference& part : found) {
    append(all.unsettled, part.unsettled);
    append(all.missing, part.missing);
    append(all.unclaimed, part.unclaimed);
    all.absent += part.absent;
    all.settled += part.settled;
  }
  return all;
}

std::vector<Fingerprint> without(const std::vector<Fingerprint>& sorted, std::vector<Fingerprint> taken) {
  tbb::parallel_sort(taken.begin(), taken.end());
  std::vector<Fingerprint> left;
  std::set_difference(sorted.begin(), sorted.end(), taken.begin(), taken.end(), std::back_inserter(left));
  return left;
}

}  // namespace usher
