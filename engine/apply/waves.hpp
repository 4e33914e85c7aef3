#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/plan.hpp"

namespace usher {

/// So many, or a share of all: "10", "2.5%".
struct Portion {
  double number = 0;
  bool is_share = false;  ///< the number is a percentage

  /// How many of `all` these are; of a share at least one.
  std::uint64_t of(std::uint64_t all) const;
  /// Whether `count` of `all` are more than these.
  bool is_exceeded_by(std::uint64_t count, std::uint64_t all) const;
  std::string text() const;
};
/// nullopt for any other text, also for more than 100 %.
std::optional<Portion> portion_of(std::string_view text);

/// That a plan is carried out a wave of people at a time, and what ends it between two of them.
struct WaveRules {
  std::vector<Portion> sizes;  ///< in people; who is left is one more wave. Empty: everybody at once
  Portion stop_at{5, true};    ///< how many operations of a wave may fail
  std::string gate;            ///< a command that must end well between two waves; empty: none
  std::chrono::seconds gate_patience{600};
};

/// The waves of a plan. A person goes with all accounts on all platforms, an account without a person alone;
/// who waits for another, or shares an account with another, goes with the other. So a wave can hold more
/// people than asked for, and no operation waits for another wave. Each wave takes from all kinds of changes
/// in turn, and of one kind always the same people first. Same plan, same waves; what guards hold is in none.
struct Waves {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  struct Wave {
    std::uint64_t people = 0;  ///< an account without a person counts as one
    std::uint64_t accounts = 0;
    std::uint64_t operations = 0;
  };
  std::vector<Wave> all;               ///< none is empty; where no sizes are given it is one, not counted
  std::vector<std::size_t> of_change;  ///< of each change of the plan, index in `all`; none: held
};
Waves waves_of(const Plan& plan, const std::vector<Portion>& sizes);

}  // namespace usher
