#include "state/model/plan_parts_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "state/model/json_writer.hpp"

namespace usher {

using nlohmann::json;

namespace {

constexpr std::array acts{MembershipChange::Act::add, MembershipChange::Act::change,
                          MembershipChange::Act::remove};

}  // namespace

const char* to_string(MembershipChange::Act act) {
  switch (act) {
    case MembershipChange::Act::add:
      return "add";
    case MembershipChange::Act::change:
      return "change";
    case MembershipChange::Act::remove:
      return "remove";
  }
  return "";
}

void to_json(json& out, const Seal& seal) {
  out = {{"platform", seal.platform}, {"generation", seal.generation}, {"sealed", seal.sealed},
         {"why-not", seal.why_not},   {"accounts", seal.accounts},     {"taken-at", seal.taken_at},
         {"writes", seal.writes}};
}

void from_json(const json& from, Seal& seal) {
  seal = {from.at("platform"),
          from.at("generation"),
          from.at("sealed"),
          from.at("why-not"),
          from.at("accounts"),
          from.at("taken-at"),
          from.value("writes", seal.writes)};
}

void to_json(json& out, const RequestCost& cost) {
  out = {{"requests", cost.requests}};
  if (cost.rate > 0)
    out.update({{"rate", cost.rate}, {"burst", cost.burst}, {"seconds", std::llround(cost.seconds())}});
}

void from_json(const json& from, RequestCost& cost) {
  cost = {from.at("requests"), from.value("rate", 0.0), from.value("burst", 0.0)};
}

void from_json(const json& from, FieldChange& field) {
  field = {from.at("path"), from.at("before"), from.at("after"), from.at("rule")};
}

void from_json(const json& from, MembershipChange& change) {
  const std::string act = from.at("act");
  const auto* found =
      std::find_if(acts.begin(), acts.end(), [&](auto known) { return act == to_string(known); });
  if (found == acts.end()) throw std::runtime_error("unknown membership change '" + act + "'");
  change = {from.at("kind"),   from.at("entitlement"), from.at("name"),   *found,
            from.at("before"), from.at("after"),       from.at("because")};
}

void append_json(std::string& out, const FieldChange& field) {
  JsonObjectText object(out);
  object.value("after", field.after);
  object.value("before", field.before);
  object.text("path", field.path);
  object.text("rule", field.rule);
  object.end();
}

void append_json(std::string& out, const MembershipChange& change) {
  JsonObjectText object(out);
  object.text("act", to_string(change.act));
  object.texts("after", change.after);
  object.text("because", change.because);
  object.texts("before", change.before);
  object.text("entitlement", change.entitlement);
  object.text("kind", change.kind);
  object.text("name", change.name);
  object.end();
}

void append_json(std::string& out, const Change& change) {
  const auto append = [](std::string& to, const auto& part) { append_json(to, part); };
  JsonObjectText object(out);
  object.text("account", change.account);
  object.text("act", to_string(change.act));
  object.text("because", change.because);
  object.list("fields", change.fields, append);
  object.text("label", change.label);
  object.list("memberships", change.memberships, append);
  object.text("person", change.person);
  object.text("platform", change.platform);
  object.text("situation", to_string(change.situation));
  object.end();
}

void append_json(std::string& out, const NewLink& link) {
  JsonObjectText object(out);
  object.text("account", link.account);
  if (!link.from.empty()) object.text("from", link.from);
  object.text("how", to_string(link.how));
  object.text("person", link.person);
  object.text("platform", link.platform);
  object.end();
}

void from_json(const json& from, Change& change) {
  change = {from.at("platform"),
            from.at("person"),
            from.at("account"),
            from.at("label"),
            situation(from.at("situation").get<std::string>()),
            change_act(from.at("act").get<std::string>()),
            from.at("because"),
            from.at("fields").get<std::vector<FieldChange>>(),
            from.at("memberships").get<std::vector<MembershipChange>>()};
}

void from_json(const json& from, Operation& operation) {
  operation = operation_from_json(from);
}

void from_json(const json& from, NewLink& link) {
  link = {from.at("platform"), from.at("person"), from.at("account"),
          link_origin(from.at("how").get<std::string>()), from.value("from", "")};
}

void to_json(json& out, const Objection& objection) {
  out = {{"platform", objection.platform},     {"guard", to_string(objection.guard)},
         {"wanted", objection.wanted},         {"allowed", objection.allowed},
         {"population", objection.population}, {"message", objection.message},
         {"lane", lane_of(objection)}};
  if (!objection.also.empty()) out["also"] = objection.also;
}

void from_json(const json& from, Objection& objection) {
  objection = {from.at("platform"),
               guard_kind(from.at("guard").get<std::string>()),
               from.at("wanted"),
               from.at("allowed"),
               from.at("population"),
               from.at("message"),
               from.value("also", objection.also)};
}

void to_json(json& out, const Note& note) {
  out = {{"platform", note.platform},
         {"person", note.person},
         {"account", note.account},
         {"kind", to_string(note.kind)},
         {"message", note.message}};
  if (!note.cause.empty()) out["cause"] = note.cause;
  if (!note.group.empty()) out["group"] = note.group;
  if (!note.accepted_until.empty()) out["accepted-until"] = note.accepted_until;
  out["id"] = id_of(note);
  out["severity"] = to_string(severity_of(note));
}

void from_json(const json& from, Note& note) {
  note = {from.at("platform"),     from.at("person"),
          from.at("account"),      note_kind(from.at("kind").get<std::string>()),
          from.at("message"),      from.value("cause", ""),
          from.value("group", ""), from.value("accepted-until", "")};
}

json withheld_json(const Plan& plan) {
  json held = json::array(), notes = json::array(), objections = json::array();
  for (const Operation& operation : plan.operations)
    if (operation.held)
      held.push_back({{"platform", operation.platform},
                      {"kind", to_string(operation.kind)},
                      {"person", operation.person},
                      {"account", operation.account},
                      {"label", operation.label}});
  for (const Note& note : plan.notes) notes.push_back(note);
  for (const Objection& objection : plan.objections) objections.push_back(objection);
  return {{"held", std::move(held)}, {"notes", std::move(notes)}, {"objections", std::move(objections)}};
}

}  // namespace usher
