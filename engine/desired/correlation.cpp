#include "engine/desired/correlation.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "engine/desired/case_folding.hpp"
#include "engine/desired/match_way.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

/// A value by which one seeker looks for an account; `way` counts from the first rule.
struct Wish {
  std::size_t way = 0;
  Fingerprint value;
  std::size_t seeker = 0;
};

bool before(const Wish& a, const Wish& b) {
  return std::tie(a.way, a.value) < std::tie(b.way, b.value);
}

/// An account that has a value somebody looks for.
struct Hit {
  std::size_t seeker = 0;
  std::size_t way = 0;
  Fingerprint account;
  std::string account_id;
  bool unclaimed = false;
  bool doubtful = false;  ///< the same only on some platforms: U+212A is a k, or it is not
};

/// Looks through the living accounts once for everything the seekers look for.
class Finder {
 public:
  Finder(const Database& database, const Target& target, const std::vector<Seeker>& seekers,
         const std::vector<Fingerprint>& unclaimed)
      : database_(database),
        target_(target),
        ways_(match_ways(target)),
        used_(ways_.size()),
        seekers_(seekers),
        unclaimed_(unclaimed) {
    for (std::size_t i = 0; i < seekers.size(); ++i) add_wishes(seekers[i], i);
    tbb::parallel_sort(wishes_.begin(), wishes_.end(), [](const Wish& a, const Wish& b) {
      return std::tie(a.way, a.value, a.seeker) < std::tie(b.way, b.value, b.seeker);
    });
  }

  const std::vector<MatchWay>& ways() const { return ways_; }

  /// By seeker and way, then by account id: not by key, which is another in every store.
  std::vector<Hit> hits() const {
    if (wishes_.empty()) return {};
    Connection connection = database_.reader();
    const std::vector<RowSlice> slices = Snapshots(connection).row_slices(target_.platform, 32);
    std::vector<std::vector<Hit>> parts(slices.size());
    tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
      Connection own = database_.reader();
      own.execute("begin");
      simdjson::dom::parser parser;
      Snapshots(own).for_each_alive(slices[i],
                                    [&](const AccountView& view) { look_at(view, parser, parts[i]); });
    });
    std::vector<Hit> all;
    all.reserve(wishes_.size());  // mostly everybody finds something
    for (auto& part : parts) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
      part = {};
    }
    std::sort(all.begin(), all.end(), [](const Hit& a, const Hit& b) {
      return std::tie(a.seeker, a.way, a.account_id) < std::tie(b.seeker, b.way, b.account_id);
    });
    return all;
  }

 private:
  void add_wishes(const Seeker& seeker, std::size_t index) {
    std::vector<Wish> own;
    for (std::size_t way = 0; way < std::min(ways_.size(), seeker.values.size()); ++way) {
      if (seeker.values[way].empty()) continue;
      const Wish wish{way, ways_[way].digest(database_.fingerprints(), seeker.values[way]), index};
      // The natural key is mostly a match rule too: what that one did not find, the other does not.
      const bool known = std::any_of(own.begin(), own.end(), [&](const Wish& earlier) {
        return ways_[earlier.way].path == ways_[way].path && earlier.value == wish.value;
      });
      if (known) continue;
      own.push_back(wish);
      used_[way] = true;
    }
    wishes_.insert(wishes_.end(), own.begin(), own.end());
  }

  void look_at(const AccountView& view, simdjson::dom::parser& parser, std::vector<Hit>& out) const {
    simdjson::dom::element attributes;
    if (parser.parse(view.attributes.data(), view.attributes.size()).get(attributes) != simdjson::SUCCESS)
      return;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      if (!used_[way]) continue;
      const std::string_view value = ways_[way].value_of(view.id, attributes);
      if (value.empty()) continue;
      const Wish sought{way, ways_[way].digest(database_.fingerprints(), value), 0};
      const auto [first, last] = std::equal_range(wishes_.begin(), wishes_.end(), sought, before);
      for (auto wish = first; wish != last; ++wish) {
        const bool unclaimed = std::binary_search(unclaimed_.begin(), unclaimed_.end(), view.key);
        const bool doubtful = ways_[way].fold_case && !surely_same(seekers_[wish->seeker].values[way], value);
        out.push_back({wish->seeker, way, view.key, std::string(view.id), unclaimed, doubtful});
      }
    }
  }

  const Database& database_;
  const Target& target_;
  std::vector<MatchWay> ways_;
  std::vector<bool> used_;  // by way: somebody looks this way
  const std::vector<Seeker>& seekers_;
  const std::vector<Fingerprint>& unclaimed_;
  std::vector<Wish> wishes_;
};

/// What the hits of one seeker come to; they are sorted by way.
Correlation decide(const std::vector<MatchWay>& ways, const Seeker& seeker, const Hit* first,
                   const Hit* last) {
  const Hit* claimed = nullptr;
  while (first != last) {
    const Hit* end = std::find_if(first, last, [&](const Hit& hit) { return hit.way != first->way; });
    const auto count = std::count_if(first, end, [](const Hit& hit) { return hit.unclaimed; });
    const std::string& path = ways[first->way].path;
    const Hit* doubtful = std::find_if(first, end, [](const Hit& hit) { return hit.doubtful; });
    if (doubtful != end) {
      return {
          Correlation::Kind::ambiguous,
          doubtful->account,
          doubtful->account_id,
          {},
          fmt::format("the account {} has a {} that differs from {} in letters that only some platforms take "
                      "for the same",
                      doubtful->account_id, path, seeker.values[first->way])};
    }
    if (count == 1) {
      const Hit& hit = *std::find_if(first, end, [](const Hit& candidate) { return candidate.unclaimed; });
      return {Correlation::Kind::found, hit.account, hit.account_id, {LinkOrigin::Kind::matched, path}, ""};
    }
    if (count > 1) {
      return {Correlation::Kind::ambiguous,
              {},
              "",
              {},
              fmt::format("{} accounts have {} = {}", count, path, seeker.values[first->way])};
    }
    if (claimed == nullptr) claimed = first;
    first = end;
  }
  if (claimed == nullptr) return {};
  return {Correlation::Kind::claimed,
          claimed->account,
          claimed->account_id,
          {},
          fmt::format("the account with {} = {} belongs to somebody else", ways[claimed->way].path,
                      seeker.values[claimed->way]),
          ways[claimed->way].path,
          seeker.values[claimed->way]};
}

/// Nobody gets an account that several people match.
void refuse_all(std::span<const std::pair<Fingerprint, std::size_t>> takers,
                const std::vector<Seeker>& seekers, std::vector<Correlation>& matches) {
  std::vector<std::string_view> names;
  for (const auto& [account, seeker] : takers) names.push_back(seekers[seeker].id);
  std::sort(names.begin(), names.end());  // seekers come in the order of the store's keys
  const std::string why =
      fmt::format("one account is matched by {} people: {}", names.size(), fmt::join(names, ", "));
  for (const auto& [account, seeker] : takers)
    matches[seeker] = {Correlation::Kind::ambiguous, {}, "", {}, why};
}

}  // namespace

std::vector<Correlation> match(const Database& database, const Target& target,
                               const std::vector<Seeker>& seekers,
                               const std::vector<Fingerprint>& unclaimed) {
  const Finder finder(database, target, seekers, unclaimed);
  const std::vector<Hit> hits = finder.hits();
  std::vector<Correlation> matches(seekers.size());
  std::vector<std::pair<Fingerprint, std::size_t>> takers;  // by account
  for (const Hit *first = hits.data(), *end = first + hits.size(); first != end;) {
    const Hit* last = std::find_if(first, end, [&](const Hit& hit) { return hit.seeker != first->seeker; });
    Correlation& match = matches[first->seeker];
    match = decide(finder.ways(), seekers[first->seeker], first, last);
    if (match.kind == Correlation::Kind::found) takers.emplace_back(match.account, first->seeker);
    first = last;
  }
  std::sort(takers.begin(), takers.end());
  for (auto first = takers.begin(); first != takers.end();) {
    const auto last =
        std::find_if(first, takers.end(), [&](const auto& taker) { return taker.first != first->first; });
    if (last - first > 1) refuse_all({first, last}, seekers, matches);
    first = last;
  }
  return matches;
}

}  // namespace usher
