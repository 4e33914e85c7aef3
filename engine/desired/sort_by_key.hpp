#pragma once

#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "state/model/fingerprint.hpp"

namespace usher {

/// Sorts rows by their `key`; those of one key stay in the order they were given. On all threads: the same
/// for any number of them. REQUIRES: fewer than 2^32 rows.
template <class Row>
void sort_by_key(std::vector<Row>& rows) {
  if (std::ranges::is_sorted(rows, {}, &Row::key)) return;
  struct Place {
    Fingerprint key;
    std::uint32_t from;
  };
  std::vector<Place> places;
  places.reserve(rows.size());
  for (const Row& row : rows) places.push_back({row.key, static_cast<std::uint32_t>(places.size())});
  tbb::parallel_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.key, a.from) < std::tie(b.key, b.from);
  });
  // Moves the rows around each circle of places once.
  for (std::uint32_t first = 0; first < places.size(); ++first) {
    if (places[first].from == first) continue;
    Row begin = std::move(rows[first]);
    std::uint32_t at = first;
    for (std::uint32_t from = places[at].from; from != first; from = places[at].from) {
      rows[at] = std::move(rows[from]);
      places[at].from = at;
      at = from;
    }
    rows[at] = std::move(begin);
    places[at].from = at;
  }
}

}  // namespace usher
