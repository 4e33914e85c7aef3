#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "state/model/plan_json.hpp"

namespace usher {

/// What the digest of a plan is of.
inline std::string content_of(const Plan& plan) {
  std::string text;
  write_content(plan, [&](std::string_view piece) { text += piece; });
  return text;
}

/// The plan as files have it, its digest with it.
inline nlohmann::json json_of(Plan plan) {
  plan.digest = digest_of(plan);
  std::string text;
  write_json(plan, 0, [&](std::string_view piece) { text += piece; });
  return nlohmann::json::parse(text);
}

}  // namespace usher
