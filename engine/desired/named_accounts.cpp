#include "engine/desired/named_accounts.hpp"

#include <simdjson.h>
#include <tbb/parallel_for.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "engine/desired/match_way.hpp"
#include "engine/desired/source_records.hpp"
#include "rules/unique_allocator.hpp"
#include "state/store/people.hpp"
#include "state/store/unique_reservations.hpp"

namespace usher {

namespace {

constexpr std::size_t naming_slices = 16;

using AccountsByValue = std::map<Fingerprint, std::vector<std::string>>;  // account ids

/// What the accounts have in each way.
std::vector<AccountsByValue> values_of(const Fingerprinter& fingerprints, const std::vector<MatchWay>& ways,
                                       std::span<const Account> accounts) {
  std::vector<AccountsByValue> held(ways.size());
  simdjson::dom::parser parser;
  for (const Account& account : accounts) {
    simdjson::dom::element attributes;
    if (parser.parse(account.attributes).get(attributes) != simdjson::SUCCESS) continue;
    for (std::size_t way = 0; way < ways.size(); ++way) {
      const std::string_view value = ways[way].value_of(account.id, attributes);
      if (!value.empty()) held[way][ways[way].digest(fingerprints, value)].push_back(account.id);
    }
  }
  return held;
}

/// What unique() may come to for somebody: what it chose for them, else each of its candidates. One a thread.
class PossibleChoices : public UniqueAllocator {
 public:
  PossibleChoices(Connection& connection, PlatformId platform) : chosen_(connection), platform_(platform) {}

  std::optional<std::size_t> choose(const Person& person, const std::string& attribute,
                                    const Offers& offers) override {
    const auto chosen = chosen_.value(platform_, attribute, person.id);
    std::vector<std::string> candidates;
    for (auto offer = offers(); offer; offer = offers()) {
      if (chosen && *offer == *chosen) return candidates.size();
      candidates.push_back(std::move(*offer));
    }
    if (candidates.empty()) return std::nullopt;
    candidates_ = std::move(candidates);
    return 0;
  }

  /// JSON; empty: it was chosen.
  std::vector<std::string> take() { return std::exchange(candidates_, {}); }

 private:
  UniqueReservations chosen_;
  const PlatformId platform_;
  std::vector<std::string> candidates_;
};

/// By what accounts of one person can be found. One a thread; the connection must outlive it.
class PersonValues {
 public:
  using Value = std::pair<std::size_t, std::string>;  // way, and what it looks for

  PersonValues(Connection& connection, const PlanningInput& input, const Target& target)
      : records_(connection, input.sources),
        people_(input.rules->people(), input.now),
        choices_(connection, target.platform),
        rules_(*target.program, input.now, &choices_),
        natural_key_(target.program->capabilities().natural_key) {}

  /// nullopt: a rule fails.
  std::optional<std::vector<Value>> of(const PersonRow& row) {
    const auto record = records_.find(row.record);
    if (!record) return std::nullopt;
    const auto person = people_.evaluate(record->text);
    if (!person) return std::nullopt;
    const auto matched = rules_.match_values(*person);
    if (!matched) return std::nullopt;
    std::vector<Value> values;
    for (std::size_t way = 0; way < matched->size(); ++way) values.emplace_back(way, (*matched)[way]);
    if (natural_key_.empty()) return values;
    const auto key = rules_.wanted_at(*person, natural_key_);
    const std::vector<std::string> candidates = choices_.take();
    if (!key) return std::nullopt;
    if (*key) values.emplace_back(matched->size(), (*key)->text());
    for (const std::string& candidate : candidates) {
      const auto text = nlohmann::json::parse(candidate);
      if (text.is_string()) values.emplace_back(matched->size(), text.get<std::string>());
    }
    return values;
  }

 private:
  SourceRecords records_;
  PeopleEvaluator people_;
  PossibleChoices choices_;
  AccountEvaluator rules_;
  const std::string& natural_key_;
};

void name(NamedAccounts& named, const std::string& account, const std::string& person) {
  const auto [known, is_new] = named.people.emplace(account, person);
  if (!is_new && person < known->second) known->second = person;
}

void count_failing(NamedAccounts& named, std::size_t people, const std::string& first) {
  if (people == 0) return;
  if (named.failing == 0 || first < named.first_failing) named.first_failing = first;
  named.failing += people;
}

}  // namespace

NamedAccounts named_accounts(const Database& database, const PlanningInput& input, std::size_t target,
                             std::span<const Account> accounts) {
  if (accounts.empty()) return {};
  const std::vector<MatchWay> ways = match_ways(input.targets[target]);
  const std::vector<AccountsByValue> held = values_of(database.fingerprints(), ways, accounts);
  const std::vector<KeySlice> slices = key_slices(naming_slices);
  std::vector<NamedAccounts> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    Connection lookups = database.reader();
    lookups.execute("begin");  // one read lock for all lookups
    PersonValues person_values(lookups, input, input.targets[target]);
    People(connection).for_each_in(slices[i], [&](const PersonRow& person) {
      const auto values = person_values.of(person);
      if (!values) return count_failing(parts[i], 1, person.id);
      for (const auto& [way, value] : *values) {
        if (value.empty()) continue;
        const auto found = held[way].find(ways[way].digest(database.fingerprints(), value));
        if (found == held[way].end()) continue;
        for (const std::string& account : found->second) name(parts[i], account, person.id);
      }
    });
  });
  NamedAccounts named;
  for (const NamedAccounts& part : parts) {
    for (const auto& [account, person] : part.people) name(named, account, person);
    count_failing(named, part.failing, part.first_failing);
  }
  return named;
}

}  // namespace usher
