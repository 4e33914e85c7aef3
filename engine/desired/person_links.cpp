#include "engine/desired/person_links.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "state/store/links.hpp"

namespace usher {

namespace {

constexpr std::size_t link_slices = 16;

}  // namespace

PersonLinks::PersonLinks(const Database& database, PlatformId platform) {
  const std::vector<KeySlice> slices = key_slices(link_slices);
  std::vector<std::vector<Entry>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    Links(connection).for_each_in(platform, slices[i], [&](std::string_view person, const Fingerprint& key) {
      parts[i].push_back({database.fingerprints().of_person(person), key});
    });
  });
  for (std::vector<Entry>& part : parts) {
    entries_.insert(entries_.end(), part.begin(), part.end());
    part = {};
  }
  tbb::parallel_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.person < b.person; });
}

std::optional<Fingerprint> PersonLinks::account_of(const Fingerprint& person) const {
  const auto found = std::ranges::lower_bound(entries_, person, {}, &Entry::person);
  const bool linked = found != entries_.end() && found->person == person;
  return linked ? std::optional(found->account) : std::nullopt;
}

}  // namespace usher
