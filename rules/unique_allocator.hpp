#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "rules/accounts.hpp"

namespace usher {

/// Settles unique(): knows what the people and the accounts of one platform hold. One a thread.
class UniqueAllocator {
 public:
  /// What an assignment can come to for one person, first choice first: JSON, normalised as the platform
  /// does. nullopt after the last; an error of the expression ends the offers too.
  using Offers = std::function<std::optional<std::string>()>;

  virtual ~UniqueAllocator() = default;

  /// How many offers to pass over; nullopt when none of them can be had.
  virtual std::optional<std::size_t> choose(const Person& person, const std::string& attribute,
                                            const Offers& offers) = 0;
};

}  // namespace usher
