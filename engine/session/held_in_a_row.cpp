#include "engine/session/held_in_a_row.hpp"

#include <nlohmann/json.hpp>

#include "state/model/operation.hpp"
#include "state/model/sha256.hpp"

namespace usher {

namespace {

constexpr const char* fact = "held in a row";

/// The same for the same lanes and operations; not what guards allow at the time, or the numbers they
/// compare.
std::string identity_of(const Plan& plan) {
  std::string text;
  for (const Objection& objection : plan.objections) text += lane_of(objection) + "\n";
  for (const Operation& operation : plan.operations)
    if (operation.held) text += operation.id + "\n";
  return sha256(text);
}

}  // namespace

HeldInARow count_held(Database& database, const Plan& plan, const std::string& now) {
  const auto known = database.fact(fact);
  if (plan.objections.empty()) {
    if (known) database.forget_fact(fact);
    return {};
  }
  HeldInARow held{.runs = 1, .since = now};
  const std::string identity = identity_of(plan);
  if (known) {
    const auto before = nlohmann::json::parse(*known);
    if (before.at("identity") == identity)
      held = {before.at("runs").get<std::uint64_t>() + 1, before.at("since").get<std::string>(),
              before.value("told", false)};
  }
  database.set_fact(
      fact,
      nlohmann::json{{"identity", identity}, {"runs", held.runs}, {"since", held.since}, {"told", held.told}}
          .dump());
  return held;
}

void remember_told(Database& database) {
  const auto known = database.fact(fact);
  if (!known) return;
  auto held = nlohmann::json::parse(*known);
  if (held.value("told", false)) return;
  held["told"] = true;
  database.set_fact(fact, held.dump());
}

}  // namespace usher
