#include "state/model/plan.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "state/model/fingerprint.hpp"

namespace usher {

using nlohmann::json;

namespace {

constexpr int plan_format = 1;

constexpr std::array<std::pair<Situation, const char*>, 7> situations{{
    {Situation::matched, "matched"},
    {Situation::missing, "missing"},
    {Situation::orphan, "orphan"},
    {Situation::ambiguous, "ambiguous"},
    {Situation::claimed, "claimed"},
    {Situation::ignored, "ignored"},
    {Situation::unqualified, "unqualified"},
}};

constexpr std::array<std::pair<MembershipChange::Act, const char*>, 3> acts{{
    {MembershipChange::Act::add, "add"},
    {MembershipChange::Act::change, "change"},
    {MembershipChange::Act::remove, "remove"},
}};

}  // namespace

// Found by argument-dependent lookup when a vector of them is written or read.

static void to_json(json& out, const Seal& seal) {
  out = {{"platform", seal.platform}, {"generation", seal.generation}, {"sealed", seal.sealed},
         {"why-not", seal.why_not},   {"accounts", seal.accounts},     {"taken-at", seal.taken_at}};
}

static void from_json(const json& from, Seal& seal) {
  seal = {from.at("platform"), from.at("generation"), from.at("sealed"),
          from.at("why-not"),  from.at("accounts"),   from.at("taken-at")};
}

static void to_json(json& out, const FieldChange& field) {
  out = {{"path", field.path}, {"before", field.before}, {"after", field.after}, {"rule", field.rule}};
}

static void from_json(const json& from, FieldChange& field) {
  field = {from.at("path"), from.at("before"), from.at("after"), from.at("rule")};
}

static void to_json(json& out, const MembershipChange& change) {
  out = {{"kind", change.kind},      {"entitlement", change.entitlement},
         {"name", change.name},      {"act", acts.at(static_cast<std::size_t>(change.act)).second},
         {"before", change.before},  {"after", change.after},
         {"because", change.because}};
}

static void from_json(const json& from, MembershipChange& change) {
  const std::string act = from.at("act");
  const auto* found =
      std::find_if(acts.begin(), acts.end(), [&](const auto& known) { return act == known.second; });
  if (found == acts.end()) throw std::runtime_error("unknown membership change '" + act + "'");
  change = {from.at("kind"),   from.at("entitlement"), from.at("name"),   found->first,
            from.at("before"), from.at("after"),       from.at("because")};
}

static void to_json(json& out, const Change& change) {
  out = {{"platform", change.platform},
         {"person", change.person},
         {"account", change.account},
         {"label", change.label},
         {"situation", to_string(change.situation)},
         {"act", change.act},
         {"because", change.because},
         {"fields", change.fields},
         {"memberships", change.memberships}};
}

static void from_json(const json& from, Change& change) {
  change = {from.at("platform"),
            from.at("person"),
            from.at("account"),
            from.at("label"),
            situation(from.at("situation").get<std::string>()),
            from.at("act"),
            from.at("because"),
            from.at("fields").get<std::vector<FieldChange>>(),
            from.at("memberships").get<std::vector<MembershipChange>>()};
}

static void to_json(json& out, const Operation& operation) {
  out = to_json(operation);
}

static void from_json(const json& from, Operation& operation) {
  operation = operation_from_json(from);
}

static void to_json(json& out, const NewLink& link) {
  out = {{"platform", link.platform}, {"person", link.person}, {"account", link.account}, {"how", link.how}};
}

static void from_json(const json& from, NewLink& link) {
  link = {from.at("platform"), from.at("person"), from.at("account"), from.at("how")};
}

static void to_json(json& out, const Objection& objection) {
  out = {{"platform", objection.platform},     {"guard", objection.guard},
         {"wanted", objection.wanted},         {"allowed", objection.allowed},
         {"population", objection.population}, {"message", objection.message}};
}

static void from_json(const json& from, Objection& objection) {
  objection = {from.at("platform"), from.at("guard"),      from.at("wanted"),
               from.at("allowed"),  from.at("population"), from.at("message")};
}

static void to_json(json& out, const Note& note) {
  out = {{"platform", note.platform},
         {"person", note.person},
         {"account", note.account},
         {"kind", note.kind},
         {"message", note.message}};
}

static void from_json(const json& from, Note& note) {
  note = {from.at("platform"), from.at("person"), from.at("account"), from.at("kind"), from.at("message")};
}

static json without_digest(const Plan& plan) {
  json out = {{"format", plan_format},         {"program", plan.program},
              {"rules", plan.rules},           {"now", plan.now},
              {"seals", plan.seals},           {"changes", plan.changes},
              {"operations", plan.operations}, {"links", plan.links},
              {"objections", plan.objections}, {"notes", plan.notes},
              {"situations", plan.situations}};
  if (!plan.only.empty()) out["only"] = plan.only;
  return out;
}

const char* to_string(Situation value) {
  return situations.at(static_cast<std::size_t>(value)).second;
}

Situation situation(std::string_view name) {
  for (const auto& [value, text] : situations) {
    if (name == text) return value;
  }
  throw std::runtime_error("unknown situation '" + std::string(name) + "'");
}

std::string Plan::digest() const {
  return public_digest(without_digest(*this).dump());
}

json to_json(const Plan& plan) {
  json out = without_digest(plan);
  out["digest"] = public_digest(out.dump());
  return out;
}

Plan plan_from_json(const json& from) {
  try {
    if (from.at("format") != plan_format) {
      throw std::runtime_error(
          fmt::format("is of format {}, this program reads {}", from.at("format").dump(), plan_format));
    }
    Plan plan;
    plan.program = from.at("program");
    plan.rules = from.at("rules");
    plan.now = from.at("now");
    plan.only = from.value("only", plan.only);
    plan.seals = from.at("seals").get<std::vector<Seal>>();
    plan.changes = from.at("changes").get<std::vector<Change>>();
    plan.operations = from.at("operations").get<std::vector<Operation>>();
    plan.links = from.at("links").get<std::vector<NewLink>>();
    plan.objections = from.at("objections").get<std::vector<Objection>>();
    plan.notes = from.at("notes").get<std::vector<Note>>();
    plan.situations = from.at("situations").get<decltype(plan.situations)>();
    for (const Operation& operation : plan.operations) {
      if (operation.change >= plan.changes.size())
        throw std::runtime_error("an operation belongs to no change");
    }
    if (plan.digest() != from.at("digest").get<std::string>()) {
      throw std::runtime_error("was altered: its digest does not agree with its content");
    }
    return plan;
  } catch (const json::exception& error) {
    throw std::runtime_error(fmt::format("is not a plan: {}", error.what()));
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(fmt::format("is not a plan: {}", error.what()));
  }
}

}  // namespace usher
