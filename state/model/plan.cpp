#include "state/model/plan.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace usher {

namespace {

constexpr std::array<std::pair<Situation, const char*>, 7> situations{{
    {Situation::matched, "matched"},
    {Situation::missing, "missing"},
    {Situation::orphan, "orphan"},
    {Situation::ambiguous, "ambiguous"},
    {Situation::claimed, "claimed"},
    {Situation::ignored, "ignored"},
    {Situation::unqualified, "unqualified"},
}};

}  // namespace

const char* to_string(Situation value) {
  return situations.at(static_cast<std::size_t>(value)).second;
}

Situation situation(std::string_view name) {
  for (const auto& [value, text] : situations) {
    if (name == text) return value;
  }
  throw std::runtime_error("unknown situation '" + std::string(name) + "'");
}

}  // namespace usher
