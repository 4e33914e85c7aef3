#pragma once

#include <map>
#include <optional>

#include "rules/config.hpp"

namespace usher {

/// The limit that holds where the configuration gives none; nullopt: there is none.
std::optional<Guard> default_guard(GuardKind kind);

/// A guard that judges the people of the sources, not the accounts of one platform: `people.guards`.
bool is_of_people(GuardKind kind);

/// A guard whose default holds only after an apply on the platform ended without a failure: before, everybody
/// is new.
bool needs_history(GuardKind kind);

}  // namespace usher
