#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/progress.hpp"
#include "engine/records.hpp"
#include "rules/rules.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One platform that people have accounts on.
struct Target {
  std::string name;
  PlatformId platform{};
  const AccountProgram* program = nullptr;
  std::string salt;  ///< changes when what the platform can do, or the names of its entitlements, change
};

/// What deriving the wanted side needs; outlives every stage of one plan.
struct DesireInput {
  std::vector<Source> sources;
  std::vector<Target> targets;
  const Rules* rules = nullptr;
  std::string rules_digest;  ///< changes when anything changes that decides what is wanted, snapshots aside
  cel::Moment now;
};

/// What desire() did.
struct Desired {
  std::uint64_t evaluated = 0;  ///< people whose record or rules changed
  std::uint64_t people = 0;     ///< all that are declared
};

/// Brings the people and wanted tables up to date with the sources' snapshots. Only people whose record came,
/// went or changed since the last time are evaluated; all of them when the rules changed or an expression
/// looks at `now`. Parallel over slices of the records; the same tables for any number of threads.
Desired desire(Database& database, const DesireInput& input, Progress& progress);

/// The wanted side of one person, as the tables hold it, with its text: for the planner, which asks only for
/// people whose account differs. For one thread.
class PersonReader {
 public:
  PersonReader(Connection& connection, const DesireInput& input);

  struct Answer {
    std::string id;
    bool found = false;  ///< still declared
    bool active = false;
    std::string error;  ///< why nothing can be derived
    bool in_scope = false;
    std::string content;  ///< wanted_content(); empty unless active and in scope
    std::vector<std::string> match_values;
    std::uint64_t record_generation = 0;  ///< of the record in its source
    std::string source;                   ///< its name
  };

  /// record: the key of the person's record.
  Answer read(const Fingerprint& record, std::size_t target);

 private:
  const DesireInput& input_;
  Records records_;
  Snapshots snapshots_;
  PeopleEvaluator people_;
  std::deque<AccountEvaluator> accounts_;  // never moved
};

}  // namespace usher
