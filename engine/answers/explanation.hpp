#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "engine/answers/record_line.hpp"
#include "engine/answers/whom.hpp"
#include "rules/rule_outcome.hpp"
#include "state/model/plan.hpp"
#include "state/store/links.hpp"

namespace usher {

/// A record somebody is declared by.
struct RecordFound {
  std::string source;
  std::string path;        ///< the file; empty: the source is no file
  RecordLine at;           ///< where in the file it stands
  std::string id;          ///< its key
  std::string pulled_at;   ///< when the source was last read completely; empty: never
  std::string incomplete;  ///< why it was not read completely since then; empty: it was
  std::string since;       ///< when a pull first saw it as it is
  std::string attributes;  ///< JSON
};

/// A match rule, and which accounts have the value it looks for.
struct MatchTried {
  std::string account;  ///< the attribute
  std::string value;
  SourceLocation place;
  struct Candidate {
    std::string account, label, person;  ///< person: whose it is; empty: nobody's
  };
  std::vector<Candidate> candidates;
};

/// One difference between an account and what its person should have.
struct DifferenceFound {
  std::string what;         ///< "name", "group flow-authors"
  std::string now, wanted;  ///< JSON; empty: none
  std::string rule;         ///< what wants it so, with its place
  std::string whose;        ///< who changed what, and when
};

/// How somebody and one platform stand to each other.
struct AccountExplanation {
  std::string platform;
  std::string pulled_at, unsealed;  ///< unsealed: why the pull proves nothing; empty when it does
  bool written_since = false;       ///< usher wrote to the platform after that pull
  std::string excluded;        ///< the first thing that keeps them from what the rules give; empty: nothing
  SourceLocation excluded_by;  ///< line 0: no rule does
  bool wanted = false;         ///< the rules give them an account here, whatever becomes of it
  std::optional<AccountOutcomes> rules;  ///< nullopt: nobody is declared whom they could be asked for
  std::optional<Link> link;
  std::int64_t linked_in = 0;     ///< the run; 0: not known
  std::vector<MatchTried> match;  ///< each rule, in the order of the configuration
  std::string found;              ///< the account that matching finds now, and how
  std::optional<Account> account;
  std::string label;
  std::vector<std::string> memberships;  ///< by name
  std::string locked_since, gone_since;
  std::vector<std::string> agrees;  ///< managed attributes and memberships that are as wanted
  std::vector<DifferenceFound> differences;
  std::optional<Change> next;  ///< what the next plan does
  std::vector<Operation> operations;
  std::vector<Note> notes;
  std::vector<Objection> objections;  ///< of guards that hold some of it

  /// Whether they have the group by this rule, now or after the next plan.
  bool gives(const AccountOutcomes::Group& group) const { return group.given() && excluded.empty(); }
};

/// Everything that is known of somebody, and what follows.
struct Explanation {
  Whom whom;
  bool declared = false;
  bool active = false;
  std::string error;  ///< why nothing can be derived for them
  std::vector<RecordFound> records;
  std::optional<PeopleOutcomes> rules;
  std::vector<AccountExplanation> accounts;  ///< one a platform, by name
};

/// Explains somebody by the last pulls and what usher wrote since. plan: of the forecast, of everybody. on:
/// only that platform; empty: all.
Explanation explain(Inquiry& inquiry, Forecast& forecast, const Whom& whom, const Plan& plan,
                    const std::string& on);

}  // namespace usher
