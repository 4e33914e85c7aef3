#pragma once

#include "state/model/plan.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// The proof that the latest snapshot of a platform gives a plan.
inline Seal seal_of(const PlatformState& state) {
  return {state.name,     state.generation, state.sealed,     state.why_not,
          state.accounts, state.started_at, state.writes_read};
}

}  // namespace usher
