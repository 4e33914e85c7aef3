#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/desired/desired_state.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// The account of the person on one platform.
struct OffboardedAccount {
  std::string id;                  ///< empty: there is none
  std::optional<Account> account;  ///< as it is; nullopt: it is not known
  std::string not_read;            ///< why nothing is known of the platform; empty: it is
  std::optional<Failure> failure;  ///< of asking for the account; nullopt: it was not asked for, or answered
  std::optional<NewLink> found;    ///< that it is the person's was found just now
};

/// Who is offboarded, and how it is told.
struct Offboarding {
  std::string person;
  std::string because = "is offboarded on request";
  std::string until = {};  ///< RFC 3339: nothing is given back before; empty: until the sources agree
  bool again = false;      ///< was offboarded before: what cannot be seen is not taken a second time
};

/// The plan by which one person loses everything on every platform. accounts: by platform. A plan without a
/// change says in its notes why; it rests on no source. Writes nothing.
Plan plan_offboarding(Database& database, const PlanningInput& input, const Offboarding& how,
                      const std::map<std::string, OffboardedAccount>& accounts);

/// The accounts as the last pull and the usual plan of this moment know them.
std::map<std::string, OffboardedAccount> accounts_in(Database& database, const PlanningInput& input,
                                                     const std::string& person, const Plan& usual);

}  // namespace usher
