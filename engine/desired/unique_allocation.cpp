#include "engine/desired/unique_allocation.hpp"

#include <algorithm>

#include "engine/desired/correlation.hpp"
#include "engine/desired/desired_account_json.hpp"
#include "state/store/scan.hpp"

namespace usher {

namespace {

/// Evaluates people for one target with choices made afresh.
class Choosing {
 public:
  Choosing(Database& database, const PlanningInput& input, std::size_t target,
           const std::vector<DerivedRows::Open>& people)
      : database_(database),
        target_(input.targets[target]),
        reader_(database.reader()),
        records_(reader_, input.sources),
        links_(reader_),
        people_(input.rules->people(), input.now),
        choice_(database, reader_, target_.platform, target_.program->unique_attributes()),
        evaluator_(*target_.program, input.now, &choice_),
        open_(people) {}

  UniqueAllocation run() {
    const std::vector<std::optional<Fingerprint>> accounts = own_accounts();
    for (std::size_t i = 0; i < open_.size(); ++i) {
      choice_.set_account(accounts[i]);
      evaluate(open_[i]);
    }
    chosen_.claims = choice_.claims();
    return std::move(chosen_);
  }

 private:
  /// The account each person has: linked, or found by the rules that match.
  std::vector<std::optional<Fingerprint>> own_accounts() {
    std::vector<std::optional<Fingerprint>> accounts;
    std::vector<Seeker> seekers;
    std::vector<std::size_t> places;
    for (const DerivedRows::Open& open : open_) {
      const auto link = links_.of_person(target_.platform, open.person);
      accounts.push_back(link ? std::optional(link->key) : std::nullopt);
      if (link) continue;
      const auto record = records_.find(open.record);
      const auto person = people_.evaluate(record->text);
      const auto values = evaluator_.match_values(*person);
      if (!values) continue;
      seekers.push_back({open.person, *values});
      places.push_back(accounts.size() - 1);
    }
    const std::vector<Correlation> matches = match(database_, target_, seekers, unlinked_accounts());
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (matches[i].kind == Correlation::Kind::found) accounts[places[i]] = matches[i].account;
    }
    return accounts;
  }

  std::vector<Fingerprint> unlinked_accounts() {
    std::vector<Fingerprint> linked, unlinked;
    links_.for_each_by_account(target_.platform, [&](const Link& link) { linked.push_back(link.key); });
    AccountScan scan(reader_, target_.platform, key_slices(1).front());
    while (scan.next()) {
      if (!std::binary_search(linked.begin(), linked.end(), scan.key())) unlinked.push_back(scan.key());
    }
    return unlinked;
  }

  void evaluate(const DerivedRows::Open& open) {
    const auto record = records_.find(open.record);
    const auto person = people_.evaluate(record->text);
    const auto wanted = evaluator_.wanted(*person);
    if (!wanted)
      return put(open, WantedState::error, error_digest(database_.fingerprints(), wanted.error().message));
    const auto content = desired_account_json(**wanted, *target_.program);
    if (!content)
      return put(open, WantedState::error, error_digest(database_.fingerprints(), content.error().message));
    put(open, WantedState::present, wanted_digest(database_.fingerprints(), target_, *content));
  }

  void put(const DerivedRows::Open& open, WantedState state, const Fingerprint& digest) {
    const Fingerprint person = database_.fingerprints().of_person(open.person);
    const auto link = links_.of_person(target_.platform, open.person);
    chosen_.wanted.push_back({link ? link->key : person, person, state, digest, std::nullopt});
  }

  Database& database_;
  const Target& target_;
  Connection reader_;
  SourceRecords records_;
  Links links_;
  PeopleEvaluator people_;
  NewAllocator choice_;
  AccountEvaluator evaluator_;
  const std::vector<DerivedRows::Open>& open_;
  UniqueAllocation chosen_;
};

}  // namespace

UniqueAllocation allocate_unique(Database& database, const PlanningInput& input, std::size_t target,
                                 std::vector<DerivedRows::Open> people) {
  const auto by_person = [](const auto& a, const auto& b) { return a.person < b.person; };
  std::stable_sort(people.begin(), people.end(), by_person);
  const auto same = [](const auto& a, const auto& b) { return a.person == b.person; };
  people.erase(std::unique(people.begin(), people.end(), same), people.end());
  return Choosing(database, input, target, people).run();
}

}  // namespace usher
