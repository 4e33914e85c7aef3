#include <nlohmann/json.hpp>

#include "engine/report/answers_report.hpp"
#include "engine/report/report.hpp"

namespace usher {

namespace {

using nlohmann::ordered_json;

ordered_json parsed(const std::string& json) {
  return json.empty() ? ordered_json(nullptr) : ordered_json::parse(json);
}

ordered_json place_json(const SourceLocation& place) {
  return place.line == 0 ? ordered_json(nullptr) : ordered_json(place.to_string());
}

ordered_json rule_json(const RuleOutcome& rule) {
  ordered_json out{{"rule", rule.text}, {"place", place_json(rule.place)}, {"value", parsed(rule.value)}};
  if (!rule.error.empty()) out["error"] = rule.error;
  if (!rule.unmet.empty()) out["unmet"] = rule.unmet;
  out["read"] = ordered_json::object();
  for (const auto& [path, value] : rule.read)
    out["read"][path] = ordered_json::accept(value) ? ordered_json::parse(value) : ordered_json(value);
  return out;
}

ordered_json people_json(const PeopleOutcomes& rules) {
  ordered_json out{{"key", rule_json(rules.key)}};
  if (rules.active) out["active"] = rule_json(*rules.active);
  out["attributes"] = ordered_json::object();
  for (const auto& [name, rule] : rules.attributes) out["attributes"][name] = rule_json(rule);
  return out;
}

ordered_json account_rules_json(const AccountExplanation& account) {
  const AccountOutcomes& rules = *account.rules;
  ordered_json out = ordered_json::object();
  if (rules.who) out["who"] = rule_json(*rules.who);
  out["set"] = ordered_json::object();
  for (const auto& [path, rule] : rules.set) out["set"][path] = rule_json(rule);
  out["groups"] = ordered_json::array();
  for (const AccountOutcomes::Group& group : rules.groups) {
    ordered_json one{{"kind", group.rule->kind},
                     {"name", group.rule->name},
                     {"given", account.gives(group)},
                     {"place", place_json(group.rule->place)}};
    if (group.when) one["when"] = rule_json(*group.when);
    out["groups"].push_back(std::move(one));
  }
  return out;
}

ordered_json match_json(const std::vector<MatchTried>& match) {
  ordered_json out = ordered_json::array();
  for (const MatchTried& tried : match) {
    ordered_json candidates = ordered_json::array();
    for (const auto& one : tried.candidates)
      candidates.push_back({{"account", one.account}, {"label", one.label}, {"person", one.person}});
    out.push_back({{"account", tried.account},
                   {"value", tried.value},
                   {"place", place_json(tried.place)},
                   {"candidates", candidates}});
  }
  return out;
}

ordered_json operations_json(const AccountExplanation& one) {
  ordered_json out = ordered_json::array();
  for (const Operation& operation : one.operations) out.push_back(ordered_json(to_json(operation)));
  return out;
}

ordered_json account_json(const AccountExplanation& one) {
  ordered_json out{{"platform", one.platform}, {"pulled-at", one.pulled_at},
                   {"unsealed", one.unsealed}, {"written-since", one.written_since},
                   {"excluded", one.excluded}, {"excluded-by", place_json(one.excluded_by)}};
  out["link"] = one.link ? ordered_json{{"account", one.link->account},
                                        {"how", to_string(one.link->how)},
                                        {"since", one.link->since},
                                        {"run", one.linked_in}}
                         : ordered_json(nullptr);
  out["found"] = one.found;
  out["match"] = match_json(one.match);
  out["account"] =
      one.account
          ? ordered_json{{"id", one.account->id},          {"label", one.label},
                         {"active", one.account->active},  {"attributes", parsed(one.account->attributes)},
                         {"memberships", one.memberships}, {"locked-since", one.locked_since}}
          : ordered_json(nullptr);
  out["gone-since"] = one.gone_since;
  if (one.rules) out["rules"] = account_rules_json(one);
  out["agrees"] = one.agrees;
  out["differences"] = ordered_json::array();
  for (const DifferenceFound& each : one.differences)
    out["differences"].push_back({{"what", each.what},
                                  {"now", parsed(each.now)},
                                  {"wanted", parsed(each.wanted)},
                                  {"rule", each.rule},
                                  {"whose", each.whose}});
  out["because"] = one.next ? one.next->because : "";
  out["operations"] = operations_json(one);
  out["notes"] = ordered_json::array();
  for (const Note& note : one.notes)
    out["notes"].push_back({{"kind", to_string(note.kind)}, {"message", note.message}});
  out["held-by"] = ordered_json::array();
  for (const Objection& objection : one.objections)
    out["held-by"].push_back({{"guard", to_string(objection.guard)}, {"message", objection.message}});
  return out;
}

}  // namespace

ordered_json explain_json(const Explanation& all, ExitCode code) {
  ordered_json out{{"report", "explain"},     {"exit", exit_json(code)},  {"person", all.whom.person},
                   {"label", all.whom.label}, {"declared", all.declared}, {"active", all.active},
                   {"error", all.error}};
  out["records"] = ordered_json::array();
  for (const RecordFound& record : all.records)
    out["records"].push_back({{"source", record.source},
                              {"path", record.path},
                              {"line", record.at.line == 0 ? ordered_json() : ordered_json(record.at.line)},
                              {"id", record.id},
                              {"pulled-at", record.pulled_at},
                              {"incomplete", record.incomplete},
                              {"since", record.since},
                              {"record", parsed(record.attributes)}});
  if (all.rules) out["rules"] = people_json(*all.rules);
  out["accounts"] = ordered_json::array();
  for (const AccountExplanation& one : all.accounts) out["accounts"].push_back(account_json(one));
  return out;
}

}  // namespace usher
