#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/desired/person_links.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/desired/unique_allocators.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/wanted.hpp"

namespace usher {

/// What records came to: rows of the people and wanted tables.
struct DerivedRows {
  /// A person for whom unique() has to choose; evaluated again when everybody else is.
  struct Open {
    std::string person;
    Fingerprint record;
  };

  /// A record whose key cannot be evaluated: whose it is, only the people of earlier know.
  struct Unnamed {
    Fingerprint record;
    std::string id;  ///< of the record in its source
    std::string message;
    bool gone = false;  ///< nobody has the record any more
  };

  std::vector<PersonRow> people;
  std::vector<Unnamed> unnamed;
  std::vector<Fingerprint> gone_people;
  std::vector<std::vector<WantedRow>> wanted;        ///< a target
  std::vector<std::vector<Fingerprint>> not_wanted;  ///< a target
  std::vector<std::vector<Open>> open;               ///< a target

  explicit DerivedRows(std::size_t targets) : wanted(targets), not_wanted(targets), open(targets) {}

  /// Makes room for as many people.
  void reserve(std::size_t count) {
    people.reserve(count);
    for (std::vector<WantedRow>& rows : wanted) rows.reserve(count);
  }
};

/// Turns records into what is wanted on every target. One a slice and thread; connection, input, links and
/// output must outlive it.
class PersonDeriver {
 public:
  /// links: one a target; empty: each person's link is looked up.
  PersonDeriver(Connection& connection, const Database& database, const PlanningInput& input,
                const std::vector<PersonLinks>& links, DerivedRows& out);

  void evaluate(const std::string& record, std::string_view record_id, const Fingerprint& record_key);
  /// A record that nobody has any more: only who has an account still matters.
  void leave(const std::string& record, std::string_view record_id, const Fingerprint& record_key);
  void leave(const std::string& person);
  /// Somebody who is declared and for whom nothing can be derived: an error on every target.
  void refuse(const std::string& id, const Fingerprint& record_key, const std::string& message);
  /// The same without the row of the person.
  void put_errors(const std::string& id, const std::string& message);

 private:
  /// The time at which something turns in so many seconds; empty: nothing ever does.
  std::string at(const std::optional<std::int64_t>& turn) const;
  /// Somebody by id and key.
  struct Named {
    const std::string& id;
    Fingerprint key;
  };
  void evaluate_target(std::size_t target, const Named& who, const Person& person,
                       const Fingerprint& record_key);
  void put_leaver(std::size_t target, const Named& who);
  void put_error(std::size_t target, const Named& who, const std::string& message);
  void put(std::size_t target, const Named& who, WantedState state, const Fingerprint& digest);
  std::optional<Fingerprint> link_of(std::size_t target, const Named& who);

  const Fingerprinter& fingerprints_;
  const PlanningInput& input_;
  const std::vector<PersonLinks>& known_links_;
  DerivedRows& out_;
  Links links_;
  PeopleEvaluator people_;
  std::deque<StickyAllocator> choices_;    // one a target, never moved
  std::deque<AccountEvaluator> accounts_;  // one a target, never moved
  std::vector<bool> has_links_;
  const Fingerprint leaver_;  // the digest of who should have nothing
};

/// The row of somebody who should have what `content` says (desired_account_json()) on a target.
Fingerprint wanted_digest(const Fingerprinter& fingerprints, const Target& target, std::string_view content);
/// The row of somebody for whom nothing can be derived.
Fingerprint error_digest(const Fingerprinter& fingerprints, std::string_view message);

}  // namespace usher
