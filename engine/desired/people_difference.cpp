#include "engine/desired/people_difference.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace usher {

namespace {

constexpr std::size_t people_slices = 16;

bool is_stored_so(const PersonRow& stored, const PersonRow& row) {
  return stored.record == row.record && stored.active == row.active && stored.error == row.error &&
         stored.became == row.became && stored.turns_at == row.turns_at;  // the key stands for the id
}

/// Merges the declared rows of a range of keys with the stored ones.
class Merging {
 public:
  Merging(const std::vector<PersonRow>& declared, const KeySlice& slice)
      : declared_(declared),
        next_(static_cast<std::size_t>(std::ranges::lower_bound(declared, slice.first, {}, &PersonRow::key) -
                                       declared.begin())),
        end_(static_cast<std::size_t>(std::ranges::upper_bound(declared, slice.last, {}, &PersonRow::key) -
                                      declared.begin())) {}

  void meet(const PersonRow& stored) {
    while (next_ != end_ && declared_[next_].key < stored.key) put_next();
    if (next_ == end_ || declared_[next_].key != stored.key) {
      found_.not_declared.push_back(stored);
      return;
    }
    const std::size_t first = next_;
    while (next_ + 1 != end_ && declared_[next_ + 1].key == stored.key) ++next_;
    if (!is_stored_so(stored, declared_[next_])) put(first, next_ + 1 - first);
    ++next_;
  }

  PeopleDifference finish() {
    while (next_ != end_) put_next();
    return std::move(found_);
  }

 private:
  void put_next() { put(next_++, 1); }
  void put(std::size_t first, std::size_t count) {
    auto& ranges = found_.changed;
    if (!ranges.empty() && ranges.back().first + ranges.back().count == first)
      ranges.back().count += count;
    else
      ranges.push_back({first, count});
  }

  const std::vector<PersonRow>& declared_;
  std::size_t next_, end_;
  PeopleDifference found_;
};

}  // namespace

PeopleDifference people_difference(const Database& database, const std::vector<PersonRow>& declared) {
  const std::vector<KeySlice> slices = key_slices(people_slices);
  std::vector<PeopleDifference> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    Merging merging(declared, slices[i]);
    People(connection).for_each_in(slices[i], [&](const PersonRow& stored) { merging.meet(stored); });
    parts[i] = merging.finish();
  });
  PeopleDifference all;
  for (PeopleDifference& part : parts) {
    all.changed.insert(all.changed.end(), part.changed.begin(), part.changed.end());
    std::move(part.not_declared.begin(), part.not_declared.end(), std::back_inserter(all.not_declared));
  }
  return all;
}

}  // namespace usher
