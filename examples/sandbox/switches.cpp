#include "examples/sandbox/switches.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace usher::sandbox {
namespace {

constexpr std::array<Switch, 2> switches{{
    {"mainflux.policies-prefix", "/users/policies",
     "path of the policies: behind nginx, or /policies directly"},
    {"mainflux.unstable-order", "false",
     "groups and policies that were never edited come in another order on each page, as a sort by NULL may "
     "give"},
}};

const Switch& known(std::string_view name) {
  for (const Switch& one : switches)
    if (one.name == name) return one;
  throw std::invalid_argument("no switch is called " + std::string(name) +
                              "; usher-sandbox --switches lists them");
}

}  // namespace

std::span<const Switch> all_switches() {
  return switches;
}

void Switches::set(const std::string& name, std::string value) {
  known(name);
  moved_[name] = std::move(value);
}

std::string Switches::text(std::string_view name) const {
  const Switch& one = known(name);
  const auto moved = moved_.find(name);
  return moved == moved_.end() ? std::string(one.standard) : moved->second;
}

bool Switches::flag(std::string_view name) const {
  const std::string value = text(name);
  if (value == "true") return true;
  if (value == "false") return false;
  throw std::invalid_argument("switch " + std::string(name) + " is true or false, not " + value);
}

std::int64_t Switches::number(std::string_view name) const {
  const std::string value = text(name);
  std::int64_t result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size())
    throw std::invalid_argument("switch " + std::string(name) + " is a number, not " + value);
  return result;
}

}  // namespace usher::sandbox
