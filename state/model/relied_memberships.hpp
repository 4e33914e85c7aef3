#pragma once

#include <nlohmann/json_fwd.hpp>

namespace usher {

struct Account;

/// The key of Operation::before under which stand the whole memberships of the account ({kind: {id:
/// details}}, kinds without any left out), where what is planned relied on them. Beside it stand attributes
/// by path.
inline constexpr const char* relied_memberships = "memberships";

/// What stands there of an account.
nlohmann::json held_memberships(const Account& account);

}  // namespace usher
