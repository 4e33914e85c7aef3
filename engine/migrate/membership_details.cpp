#include "engine/migrate/membership_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/migrate/source_attribute.hpp"

namespace usher {

std::vector<std::string> shared_details(const HeldEntitlement& held, const EntitlementKind& kind) {
  std::set<std::string> shared;
  for (const auto& [details, memberships] : held.details)
    for (const std::string& detail : details)
      if (std::find(kind.details.begin(), kind.details.end(), detail) != kind.details.end())
        shared.insert(detail);
  return {shared.begin(), shared.end()};
}

std::uint64_t memberships_beyond(const HeldEntitlement& held, const std::vector<std::string>& details) {
  std::uint64_t beyond = 0;
  for (const auto& [has, memberships] : held.details) {
    const bool all = std::all_of(has.begin(), has.end(), [&](const std::string& detail) {
      return std::binary_search(details.begin(), details.end(), detail);
    });
    beyond += all ? 0 : memberships;
  }
  return beyond;
}

std::string read_details(const std::string& person, const std::string& kind, const std::string& name) {
  const std::string step = is_identifier(kind) ? ".?" + kind : "[?" + quoted(kind) + "]";
  return fmt::format("{}{}[?{}].orValue([])", person, step, quoted(name));
}

}  // namespace usher
