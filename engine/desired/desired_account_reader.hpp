#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "engine/desired/unique_allocators.hpp"

namespace usher {

/// The wanted side of one person, as the tables hold it, with its text: for the planner, which asks only for
/// people whose account differs. For one thread.
class DesiredAccountReader {
 public:
  DesiredAccountReader(Connection& connection, const PlanningInput& input);

  struct Answer {
    std::string id;
    bool found = false;  ///< still declared
    bool active = false;
    RuleFailure failure;  ///< why nothing can be derived; empty: it can
    bool in_scope = false;
    std::string content;  ///< desired_account_json(); empty unless in scope and active, or made disabled
    std::vector<std::string> match_values;
    std::uint64_t record_generation = 0;  ///< of the record in its source
    std::string source;                   ///< its name
    std::string sources;                  ///< all that have the record: "hr, contractors"
  };

  /// record: the key of the person's record.
  Answer read(const Fingerprint& record, std::size_t target);

 private:
  const PlanningInput& input_;
  SourceRecords records_;
  PeopleEvaluator people_;
  std::deque<StickyAllocator> choices_;    // one a target, never moved
  std::deque<AccountEvaluator> accounts_;  // one a target, never moved
};

}  // namespace usher
