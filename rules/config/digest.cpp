#include <nlohmann/json.hpp>

#include "rules/config/sections.hpp"
#include "state/model/fingerprint.hpp"

namespace usher {
namespace {

using nlohmann::json;

json of(const Expression& expression) {
  if (expression.constant) return {{"value", *expression.constant}};
  return expression.source;
}

json of(const std::vector<std::pair<std::string, Expression>>& attributes) {
  json made = json::object();
  for (const auto& [path, expression] : attributes) made[path] = of(expression);
  return made;
}

json of(const std::optional<int>& days) {
  return days ? json(*days) : json(nullptr);
}

json of(const std::optional<Fallback>& chosen) {
  return chosen ? json(to_string(*chosen)) : json(nullptr);
}

json of(const AccountRules& rules) {
  json made = {{"who", of(rules.who)},
               {"set", of(rules.set)},
               {"match", json::array()},
               {"guards", json::object()},
               {"leavers",
                {of(rules.leavers.disable_after_days), of(rules.leavers.delete_after_days),
                 of(rules.leavers.without_disable)}},
               {"without-update", of(rules.without_update)},
               {"create", rules.create}};
  for (const MatchRule& rule : rules.match)
    made["match"].push_back({rule.account, of(rule.person), rule.fold_case});
  for (const auto& [name, guard] : rules.guards)
    made["guards"][to_string(name)] = {guard.percent, guard.at_least};
  if (rules.leavers.create_disabled) made["leavers"].push_back("create");
  if (rules.orphans.take())
    made["orphans"] = {of(rules.orphans.disable_after_days), of(rules.orphans.delete_after_days),
                       of(rules.orphans.except)};
  if (rules.first_secret.handover == FirstSecret::Handover::invite) made["first"] = "invite";
  if (rules.groups) {
    made["groups"] = json::array();
    for (const GroupRule& rule : *rules.groups)
      made["groups"].push_back({rule.kind, rule.name, rule.details, of(rule.when)});
    if (rules.keep_other_groups) made["other-groups"] = "keep";
    if (rules.keep_other_details) made["other-actions"] = "keep";
  }
  return made;
}

}  // namespace

std::string rules_digest(const Config& config) {
  json made = {{"from", config.people.from},
               {"key", of(config.people.key)},
               {"attributes", of(config.people.attributes)},
               {"active", of(config.people.active)},
               {"tables", config.tables},
               {"accounts", json::object()}};
  if (config.people.rekey_by_match) made["rekey"] = "by-match";
  for (const auto& [kind, guard] : config.people.guards)
    made["guards"][to_string(kind)] = {guard.percent, guard.at_least};
  for (const auto& [platform, rules] : config.accounts) made["accounts"][platform] = of(rules);
  return public_digest(made.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace usher
