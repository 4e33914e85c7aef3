#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace usher::sandbox {

/// One thing a platform may do this way or that, because its vendor does not say or because it differs
/// between versions and installations.
struct Switch {
  std::string_view name;  ///< "mainflux.policies-prefix"
  std::string_view standard;
  std::string_view meaning;
  /// "flag", "number", or the values there are: "kept|ignored". Empty: checked where it is used, if at all.
  std::string_view choices = {};
};

/// Every switch of every platform, sorted by name.
std::span<const Switch> all_switches();

/// The positions the switches are in.
class Switches {
 public:
  /// Moves one. Throws std::invalid_argument for an unknown name, or a value it cannot have.
  void set(const std::string& name, std::string value);
  /// The getters take a known name; `flag` and `number` throw std::invalid_argument when the value is no
  /// such.
  std::string text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t number(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> moved_;
};

}  // namespace usher::sandbox
