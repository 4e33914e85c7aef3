#include "engine/diff.hpp"

#include <tbb/parallel_for.h>

#include <iterator>

namespace usher {

namespace {

constexpr std::size_t slices = 16;

Difference merge(Connection& connection, PlatformId platform, const KeySlice& slice) {
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
      found.missing.push_back(wanted.key());
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
  for (; has_wanted; has_wanted = wanted.next()) found.missing.push_back(wanted.key());
  return found;
}

void append(std::vector<Fingerprint>& to, const std::vector<Fingerprint>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Difference diff(const Database& database, PlatformId platform) {
  const std::vector<KeySlice> parts = key_slices(slices);
  std::vector<Difference> found(parts.size());
  tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    found[i] = merge(connection, platform, parts[i]);
  });
  Difference all;
  for (const Difference& part : found) {
    append(all.unsettled, part.unsettled);
    append(all.missing, part.missing);
    append(all.unclaimed, part.unclaimed);
    all.settled += part.settled;
  }
  return all;
}

}  // namespace usher
