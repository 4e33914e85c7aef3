#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/desired/desired_account_reader.hpp"
#include "engine/plan/changed_rules.hpp"
#include "engine/plan/decision.hpp"
#include "engine/plan/written_values.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/wanted.hpp"

namespace usher {

/// An account to look at closely: what its person should have may differ from it.
struct Candidate {
  Fingerprint wanted;                  ///< key of the wanted row
  Fingerprint account;                 ///< key of the account
  std::optional<LinkOrigin> how = {};  ///< of a link just found; nullopt: linked already
  std::optional<DesiredAccountReader::Answer> person =
      {};                ///< for whom it was just found; nullopt: look it up
  std::string was = {};  ///< the key its person had before, under which the account is linked
  bool leaves = false;   ///< whatever the row says: its person has a new key and should have no account here
};

/// What looking at some people or accounts came to, in their order.
struct ComparisonResult {
  std::vector<Decision> decisions;  ///< of those where there is something to do or to say
  std::vector<Settled> settled;
  std::vector<std::pair<std::string, Fingerprint>> applied;  ///< person, wanted digest
  std::vector<std::string> gone, back;                       ///< people whose time of leaving begins, ends
  std::map<std::string, std::uint64_t> situations;
};

/// Holds accounts of one platform beside what their people should have, and says what follows and why there
/// is a difference. Immutable; safe from any thread.
class Comparison {
 public:
  /// input and view must outlive it. target: index into input.targets.
  Comparison(Database& database, const PlanningInput& input, std::size_t target, const PlatformView& view);

  /// connection, people: of the calling thread.
  void compare(const Candidate& candidate, Connection& connection, DesiredAccountReader& people,
               ComparisonResult& out) const;

 private:
  Standing standing_of(Connection& connection, const std::string& person, const std::string& account) const;
  static WhyLeft why_left(bool declared, const DesiredAccountReader::Answer& answer);
  std::string text_of(WhyLeft why, const DesiredAccountReader::Answer& answer) const;
  std::string why_different(Connection& connection, const Change& change, const WantedRow& row,
                            const std::optional<Link>& link, const DesiredAccountReader::Answer& answer,
                            const StoredAccount& account, const Standing& standing) const;
  std::string edited_text(WhyLeft why) const;
  std::string why_wanted(const Change& change, const DesiredAccountReader::Answer& answer) const;
  std::string why_by_run(Connection& connection, const std::vector<JournalEntry>& entries) const;
  std::optional<std::int64_t> offboarded_in(Connection& connection, const JournalEntry& last) const;
  bool was_as_wanted(Connection& connection, const DesiredAccountReader::Answer& answer,
                     const StoredAccount& account, const std::string& written, const Written& values) const;

  const PlanningInput& input_;
  const std::size_t index_;
  const Target& target_;
  const PlatformView& view_;
  const WrittenValues written_;
  ShownAccounts shown_;                                       // by the last pull of the platform
  const bool remembers_;                                      // anything of anybody's leaving
  std::map<std::string, std::uint64_t> applied_generations_;  // of the sources
  std::map<std::uint64_t, std::string> read_at_;              // when each pull of the platform began
  std::map<std::string, Offboarded> offboarded_;              // the last time, by person
  std::optional<std::string> applied_rules_;                  // digest, with what platforms have and can do
  std::optional<std::string> applied_configuration_;          // digest of the rules alone
  std::optional<ChangedRules> changed_rules_;                 // nullopt: the rules alone are the same
  bool written_since_ = false;                                // the platform, since it was read last
};

/// Somebody for whom nothing can be derived. account: empty when there is none.
Decision error_decision(const std::string& platform, const std::string& person, const std::string& account,
                        const RuleFailure& failure);

}  // namespace usher
