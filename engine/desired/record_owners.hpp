#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/store/people.hpp"

namespace usher {

// Whom records belonged to when they were evaluated last, for records that do not say so any more. Reads the
// people table as the last plan left it; the tables of the database must not change meanwhile.

/// The ids of the people that these records named last; records that never named anybody are left out.
std::map<Fingerprint, std::string> last_owners(Database& database, const std::vector<Fingerprint>& records);

/// People with an account whose record is there and names somebody else by now, with whom they became.
/// declared: everybody who is declared now. not_declared: who was and is not any more, by key.
std::vector<PersonRow> renamed_people(Database& database, const PlanningInput& input,
                                      const std::vector<PersonRow>& declared,
                                      const std::vector<PersonRow>& not_declared);
/// Notes whether there are any: only all records together tell until when.
void remember_renamed(Database& database, bool any);
bool any_renamed(Database& database);
/// Those of the people table.
std::vector<PersonRow> people_renamed(Database& database);

}  // namespace usher
