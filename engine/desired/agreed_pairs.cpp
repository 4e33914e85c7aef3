#include "engine/desired/agreed_pairs.hpp"

#include <simdjson.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "engine/desired/case_folding.hpp"
#include "engine/desired/managed_digest.hpp"
#include "engine/desired/match_way.hpp"
#include "engine/desired/source_records.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t pair_slices = 32;

/// Texts of one slice, one after the other.
struct TextPlace {
  std::uint64_t at = 0;
  std::uint32_t size = 0;
  std::uint32_t slice = 0;
};

class TextPools {
 public:
  explicit TextPools(std::size_t slices) : pools_(slices) {}

  /// From the thread of the slice.
  TextPlace add(std::size_t slice, std::string_view text) {
    std::string& pool = pools_[slice];
    pool += text;
    return {pool.size() - text.size(), static_cast<std::uint32_t>(text.size()),
            static_cast<std::uint32_t>(slice)};
  }
  std::string_view text(const TextPlace& place) const {
    return std::string_view(pools_[place.slice]).substr(place.at, place.size);
  }

 private:
  std::vector<std::string> pools_;
};

/// Somebody who should have an account and has none.
struct SeekingPerson {
  Fingerprint key;
  Fingerprint managed = {};  // ManagedDigest of what they should have; where `known`
  TextPlace id = {};         // where `known`
  bool linked = false;       // their account is no more: what is said of them is another thing
  bool known = false;        // managed and id are
};

/// A value by which somebody looks for an account.
struct SoughtValue {
  Fingerprint value;  // MatchWay::digest()
  std::uint32_t person = 0;
  std::uint16_t way = 0;
  bool plain = false;

  friend bool operator<(const SoughtValue& a, const SoughtValue& b) {
    return std::tie(a.way, a.value) < std::tie(b.way, b.value);
  }
};

/// An account that agrees with the one person who looks for it.
struct AgreedAccount {
  Fingerprint key;
  TextPlace id;
  std::uint32_t person = 0;
  std::uint16_t way = 0;
};

class AgreedPairs {
 public:
  AgreedPairs(const Database& database, const PlanningInput& input, std::size_t target,
              const EntitlementNames& names, const std::vector<Fingerprint>& unclaimed, Progress& progress)
      : database_(database),
        input_(input),
        target_(input.targets[target]),
        names_(names),
        unclaimed_(unclaimed),
        progress_(progress),
        stage_("match " + target_.name),
        ways_(match_ways(target_)) {}

  void run(const std::vector<Fingerprint>& missing, const std::function<void(const AgreedPair&)>& visit) {
    find_people(missing);
    const TextPools person_ids = evaluate_people();
    const TextPools account_ids = look_at_accounts();
    for (const std::vector<AgreedAccount>& part : agreed_) {
      for (const AgreedAccount& account : part) {
        const SeekingPerson& person = people_[account.person];
        if (accounts_met_[account.person] != 1) continue;
        visit({person.key, account.key, person_ids.text(person.id), account_ids.text(account.id),
               ways_[account.way].path});
      }
    }
    progress_.finish(stage_, done_);
  }

 private:
  /// Those of the missing who should have an account, by key.
  void find_people(const std::vector<Fingerprint>& missing) {
    const std::vector<KeySlice> slices = key_slices(pair_slices);
    std::vector<std::vector<SeekingPerson>> parts(slices.size());
    tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
      Connection connection = database_.reader();
      WantedScan scan(connection, target_.platform, slices[i]);
      auto next = std::ranges::lower_bound(missing, slices[i].first);
      while (next != missing.end() && scan.next()) {
        if (scan.key() != *next) continue;
        ++next;
        if (scan.state() == WantedState::present)
          parts[i].push_back({.key = scan.person(), .linked = scan.person() != scan.key()});
      }
    });
    for (const std::vector<SeekingPerson>& part : parts)
      people_.insert(people_.end(), part.begin(), part.end());
    tbb::parallel_sort(people_.begin(), people_.end(),
                       [](const SeekingPerson& a, const SeekingPerson& b) { return a.key < b.key; });
  }

  TextPools evaluate_people() {
    std::vector<std::pair<std::size_t, RowSlice>> work;
    {
      Connection connection = database_.reader();
      for (std::size_t i = 0; i < input_.sources.size(); ++i)
        for (const RowSlice& rows : Snapshots(connection).row_slices(input_.sources[i].platform, pair_slices))
          work.emplace_back(i, rows);
    }
    TextPools ids(work.size());
    std::vector<std::vector<SoughtValue>> parts(work.size());
    tbb::parallel_for(std::size_t{0}, work.size(), [&](std::size_t i) {
      evaluate_slice(work[i].first, work[i].second, i, ids, parts[i]);
    });
    for (std::vector<SoughtValue>& part : parts) {
      sought_.insert(sought_.end(), part.begin(), part.end());
      part = {};
    }
    tbb::parallel_sort(sought_.begin(), sought_.end());
    return ids;
  }

  void evaluate_slice(std::size_t from, const RowSlice& rows, std::size_t slice, TextPools& ids,
                      std::vector<SoughtValue>& sought) {
    Connection connection = database_.reader();
    Connection lookups = database_.reader();
    lookups.execute("begin");  // one read lock for all lookups
    SourceRecords records(lookups, input_.sources);
    PeopleEvaluator people(input_.rules->people(), input_.now);
    AccountEvaluator rules(*target_.program, input_.now);
    ManagedDigest digest(database_.fingerprints(), target_, names_);
    std::uint64_t count = 0;
    Snapshots(connection).for_each_alive(rows, [&](const AccountView& view) {
      ++count;
      if (from > 0 && records.has_earlier(view.key, from)) return;
      const std::string record = records.of(view, from);
      const auto person = people.evaluate(record);
      if (!person) return;
      const auto found = std::ranges::lower_bound(people_, database_.fingerprints().of_person(person->id), {},
                                                  &SeekingPerson::key);
      if (found == people_.end() || found->key != database_.fingerprints().of_person(person->id)) return;
      const auto values = rules.match_values(*person);
      const auto wanted = values ? rules.wanted(*person) : tl::unexpected(RuleFailure());
      if (!wanted) return;
      const auto managed = digest.of(**wanted);
      if (!managed) return;
      add_values(static_cast<std::uint32_t>(found - people_.begin()), *values, **wanted, sought);
      if (!*managed) return;
      found->managed = **managed;
      found->id = ids.add(slice, person->id);
      found->known = true;
    });
    progress_.advance(stage_, done_ += count, std::nullopt);
  }

  void add_values(std::uint32_t person, const std::vector<std::string>& values, const WantedAccount& wanted,
                  std::vector<SoughtValue>& sought) const {
    const std::size_t first = sought.size();
    const auto add = [&](std::size_t way, std::string_view value) {
      if (value.empty()) return;
      const SoughtValue one{ways_[way].digest(database_.fingerprints(), value), person,
                            static_cast<std::uint16_t>(way), is_plain(value)};
      // The natural key is mostly a match rule too.
      const bool known = std::any_of(
          sought.begin() + static_cast<std::ptrdiff_t>(first), sought.end(), [&](const SoughtValue& earlier) {
            return earlier.value == one.value && ways_[earlier.way].path == ways_[way].path;
          });
      if (!known) sought.push_back(one);
    };
    for (std::size_t way = 0; way < values.size(); ++way) add(way, values[way]);
    if (values.size() < ways_.size()) add(values.size(), natural_key_of(wanted));
  }

  std::string natural_key_of(const WantedAccount& wanted) const {
    const std::string& path = target_.program->capabilities().natural_key;
    const auto value = std::ranges::find_if(
        wanted.values, [&](const WantedAccount::Value& one) { return one.assignment->path == path; });
    return value == wanted.values.end() ? std::string() : value->text();
  }

  TextPools look_at_accounts() {
    std::vector<RowSlice> slices;
    {
      Connection connection = database_.reader();
      slices = Snapshots(connection).row_slices(target_.platform, pair_slices);
    }
    TextPools ids(slices.size());
    agreed_.resize(slices.size());
    std::vector<std::vector<std::uint32_t>> met(
        slices.size());  // people, once for each account they look for
    tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
      Connection connection = database_.reader();
      ManagedDigest digest(database_.fingerprints(), target_, names_);
      simdjson::dom::parser parser;
      std::vector<std::uint32_t> seekers;
      Snapshots(connection).for_each_alive(slices[i], [&](const AccountView& view) {
        seekers.clear();
        if (const auto agreed = look_at(view, parser, digest, seekers)) {
          agreed_[i].push_back(*agreed);
          agreed_[i].back().id = ids.add(i, view.id);
        }
        met[i].insert(met[i].end(), seekers.begin(), seekers.end());
      });
      progress_.advance(stage_, done_ += static_cast<std::uint64_t>(slices[i].last - slices[i].first + 1),
                        std::nullopt);
    });
    accounts_met_.assign(people_.size(), 0);
    for (const std::vector<std::uint32_t>& part : met) {
      for (const std::uint32_t person : part)
        accounts_met_[person] = static_cast<std::uint8_t>(std::min(accounts_met_[person] + 1, 2));
    }
    return ids;
  }

  /// seekers: everybody who looks for the account, each once.
  std::optional<AgreedAccount> look_at(const AccountView& view, simdjson::dom::parser& parser,
                                       ManagedDigest& digest, std::vector<std::uint32_t>& seekers) const {
    simdjson::dom::element attributes;
    if (parser.parse(view.attributes.data(), view.attributes.size()).get(attributes) != simdjson::SUCCESS)
      return std::nullopt;
    bool sure = true;
    std::optional<std::uint16_t> first_way;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      const std::string_view value = ways_[way].value_of(view.id, attributes);
      if (value.empty()) continue;
      const SoughtValue sought{ways_[way].digest(database_.fingerprints(), value), 0,
                               static_cast<std::uint16_t>(way), false};
      const auto [first, last] = std::equal_range(sought_.begin(), sought_.end(), sought);
      for (auto seeker = first; seeker != last; ++seeker) {
        if (!first_way) first_way = seeker->way;
        sure = sure && (!ways_[way].fold_case || (seeker->plain && is_plain(value)));
        if (std::ranges::find(seekers, seeker->person) == seekers.end()) seekers.push_back(seeker->person);
      }
    }
    if (seekers.size() != 1 || !sure || !view.active) return std::nullopt;
    const SeekingPerson& person = people_[seekers.front()];
    if (!person.known || person.linked || !std::ranges::binary_search(unclaimed_, view.key))
      return std::nullopt;
    if (digest.of(view, attributes) != person.managed) return std::nullopt;
    return AgreedAccount{view.key, {}, seekers.front(), *first_way};
  }

  const Database& database_;
  const PlanningInput& input_;
  const Target& target_;
  const EntitlementNames& names_;
  const std::vector<Fingerprint>& unclaimed_;
  Progress& progress_;
  const std::string stage_;
  const std::vector<MatchWay> ways_;
  std::vector<SeekingPerson> people_;               // by key
  std::vector<SoughtValue> sought_;                 // by way and value
  std::vector<std::vector<AgreedAccount>> agreed_;  // a slice of the accounts
  std::vector<std::uint8_t> accounts_met_;          // by person: how many accounts they look for, 2: or more
  std::atomic<std::uint64_t> done_{0};
};

}  // namespace

void for_each_agreed_pair(const Database& database, const PlanningInput& input, std::size_t target,
                          const EntitlementNames& names, const std::vector<Fingerprint>& missing,
                          const std::vector<Fingerprint>& unclaimed, Progress& progress,
                          const std::function<void(const AgreedPair&)>& visit) {
  if (!input.targets[target].program->unique_attributes().empty()) return;
  AgreedPairs(database, input, target, names, unclaimed, progress).run(missing, visit);
}

}  // namespace usher
