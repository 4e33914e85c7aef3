#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace usher::sandbox {

/// One invented person. With the same seed every platform is populated by the same people.
struct Person {
  std::string first;  ///< with accents, apostrophes and two-part names among them
  std::string last;
  std::string mail;  ///< unique; a few are in mixed case
  std::string department;
  std::string second_department;  ///< empty for most
  std::string city;
  std::size_t number = 0;
  bool active = true;  ///< about one of twelve is not
};

/// The person of this number, always the same for the same seed. Takes constant time.
Person person(std::uint64_t seed, std::size_t number);

/// All departments, sorted.
const std::vector<std::string>& departments();

}  // namespace usher::sandbox
