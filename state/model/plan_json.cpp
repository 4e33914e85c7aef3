#include "state/model/plan_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "state/model/exception_text.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/json_string.hpp"
#include "state/model/sha256.hpp"
#include "state/model/strict_json.hpp"

namespace usher {

using nlohmann::json;

namespace {

constexpr std::array<std::pair<MembershipChange::Act, const char*>, 3> acts{{
    {MembershipChange::Act::add, "add"},
    {MembershipChange::Act::change, "change"},
    {MembershipChange::Act::remove, "remove"},
}};

}  // namespace

// Found by argument-dependent lookup when a vector of them is written or read.

static void to_json(json& out, const Seal& seal) {
  out = {{"platform", seal.platform}, {"generation", seal.generation}, {"sealed", seal.sealed},
         {"why-not", seal.why_not},   {"accounts", seal.accounts},     {"taken-at", seal.taken_at},
         {"writes", seal.writes}};
}

static void from_json(const json& from, Seal& seal) {
  seal = {from.at("platform"),
          from.at("generation"),
          from.at("sealed"),
          from.at("why-not"),
          from.at("accounts"),
          from.at("taken-at"),
          from.value("writes", seal.writes)};
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
         {"act", to_string(change.act)},
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
            change_act(from.at("act").get<std::string>()),
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
  out = {{"platform", link.platform},
         {"person", link.person},
         {"account", link.account},
         {"how", to_string(link.how)}};
  if (!link.from.empty()) out["from"] = link.from;
}

static void from_json(const json& from, NewLink& link) {
  link = {from.at("platform"), from.at("person"), from.at("account"),
          link_origin(from.at("how").get<std::string>()), from.value("from", "")};
}

static void to_json(json& out, const Objection& objection) {
  out = {{"platform", objection.platform},     {"guard", to_string(objection.guard)},
         {"wanted", objection.wanted},         {"allowed", objection.allowed},
         {"population", objection.population}, {"message", objection.message},
         {"lane", lane_of(objection)}};
  if (!objection.also.empty()) out["also"] = objection.also;
}

static void from_json(const json& from, Objection& objection) {
  objection = {from.at("platform"),
               guard_kind(from.at("guard").get<std::string>()),
               from.at("wanted"),
               from.at("allowed"),
               from.at("population"),
               from.at("message"),
               from.value("also", objection.also)};
}

static void to_json(json& out, const Note& note) {
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

static void from_json(const json& from, Note& note) {
  note = {from.at("platform"),     from.at("person"),
          from.at("account"),      note_kind(from.at("kind").get<std::string>()),
          from.at("message"),      from.value("cause", ""),
          from.value("group", ""), from.value("accepted-until", "")};
}

namespace {

/// Writes the members of one plan in the order of their names, an item of a list at a time.
class PlanWriter {
 public:
  /// depth: levels it is nested in, of two blanks each; nullopt: no blanks at all.
  PlanWriter(std::optional<std::size_t> depth, const TextSink& sink) : depth_(depth), sink_(sink) {}

  /// digest: empty where it is not to be written.
  void write(const Plan& plan, const std::string& digest) {
    sink_("{");
    list("changes", plan.changes);
    if (!digest.empty()) member("digest", digest);
    member("format", plan.format);
    if (!plan.hold_until.empty()) member("hold-until", plan.hold_until);
    list("links", plan.links);
    list("notes", plan.notes);
    member("now", plan.now);
    list("objections", plan.objections);
    if (!plan.only.empty()) member("only", plan.only);
    list("operations", plan.operations);
    member("program", plan.program);
    member("rules", plan.rules);
    list("seals", plan.seals);
    member("situations", plan.situations);
    if (!plan.state.empty()) member("state", plan.state);
    if (plan.undoes != 0) member("undoes", plan.undoes);
    if (!plan.unlinks.empty()) list("unlinks", plan.unlinks);
    begin_line(0);
    sink_("}");
  }

 private:
  void name(std::string_view name) {
    if (!first_) sink_(",");
    first_ = false;
    begin_line(1);
    sink_(fmt::format("\"{}\":{}", name, depth_ ? " " : ""));
  }

  void member(std::string_view called, const json& value) {
    name(called);
    sink_(text_of(value, 1));
  }

  template <class Item>
  void list(std::string_view called, const std::vector<Item>& items) {
    name(called);
    sink_("[");
    for (const Item& item : items) {
      if (&item != items.data()) sink_(",");
      begin_line(2);
      sink_(text_of(item));
    }
    if (!items.empty()) begin_line(1);
    sink_("]");
  }

  void begin_line(std::size_t level) {
    if (depth_) sink_("\n" + std::string(2 * (*depth_ + level), ' '));
  }

  template <class Item>
  std::string text_of(const Item& item) const {
    return text_of(json(item), 2);
  }

  /// Links come by the million, the others by the change. The same text without a tree.
  std::string text_of(const NewLink& link) const {
    if (depth_) return text_of(json(link), 2);
    std::string text;
    const auto member = [&text](std::string_view called, std::string_view value) {
      text += text.empty() ? "{\"" : ",\"";
      text += called;
      text += "\":";
      append_json_string(text, value);
    };
    member("account", link.account);
    if (!link.from.empty()) member("from", link.from);
    member("how", to_string(link.how));
    member("person", link.person);
    member("platform", link.platform);
    return text + '}';
  }

  std::string text_of(const json& value, std::size_t level) const {
    if (!depth_) return value.dump(-1, ' ', false, json::error_handler_t::replace);
    return indented(value.dump(2, ' ', false, json::error_handler_t::replace), *depth_ + level);
  }

  const std::optional<std::size_t> depth_;
  const TextSink& sink_;
  bool first_ = true;
};

constexpr std::array<const char*, 6> lists{"changes", "links", "notes", "objections", "operations", "seals"};
constexpr std::array<const char*, 10> others{"digest",  "format", "hold-until", "now",   "only",
                                             "program", "rules",  "situations", "state", "undoes"};
constexpr const char* unlinks = "unlinks";  // a list that few plans have

/// The digest of a plan of format 1: of all of it but the digest, without blanks.
std::string digest_of_format_1(std::string_view text) {
  json whole = json::parse(text);
  if (whole.contains("plan")) whole = json(std::move(whole["plan"]));
  whole.erase("digest");
  return public_digest(whole.dump());
}

/// Takes the items of a plan's lists out of the JSON as they are read, so that only one is ever held as JSON.
class PlanReading {
 public:
  explicit PlanReading(std::string_view text) : text_(text) {
    StrictJson strict;
    const auto take = [&](int depth, json::parse_event_t event, json& read) {
      strict.see(depth, event, read);
      return keep(depth, event, read);
    };
    rest_ = json::parse(text, take, false);
    if (rest_.is_discarded()) throw std::runtime_error("is not JSON");
    if (rest_.is_object() && rest_.contains("plan")) {
      if (taken_outside_) throw std::runtime_error("is not a plan: it has items of two");
      rest_ = json(std::move(rest_["plan"]));
    }
  }

  Plan plan(const std::string& known_digest) {
    const json& format = rest_.at("format");
    if (format != plan_format && format != 1)
      throw std::runtime_error(
          fmt::format("is of format {}, this program reads {}", format.dump(), plan_format));
    plan_.format = format;
    if (error_) std::rethrow_exception(error_);
    refuse_unknown_keys();
    plan_.program = rest_.at("program");
    plan_.rules = rest_.at("rules");
    plan_.now = rest_.at("now");
    plan_.only = rest_.value("only", plan_.only);
    plan_.undoes = rest_.value("undoes", plan_.undoes);
    plan_.hold_until = rest_.value("hold-until", plan_.hold_until);
    plan_.situations = rest_.at("situations").get<decltype(plan_.situations)>();
    for (const Operation& operation : plan_.operations) {
      if (operation.change >= plan_.changes.size())
        throw std::runtime_error("an operation belongs to no change");
    }
    plan_.state = rest_.value("state", "");
    plan_.digest = plan_.format == 1 ? digest_of_format_1(text_) : digest_of(plan_);
    if (plan_.digest != (known_digest.empty() ? rest_.at("digest").get<std::string>() : known_digest))
      throw std::runtime_error("was altered: its digest does not agree with its content");
    return std::move(plan_);
  }

 private:
  /// A key that no plan has would be lost without a word. An older format has keys of its own.
  void refuse_unknown_keys() const {
    for (const char* const list : lists) rest_.at(list);
    for (const auto& [key, value] : rest_.items()) {
      if (key == unlinks || std::find(lists.begin(), lists.end(), key) != lists.end()) {
        if (!value.is_array() || !value.empty())
          throw std::runtime_error(fmt::format("is not a plan: '{}' is no list of objects", key));
      } else if (std::find(others.begin(), others.end(), key) == others.end()) {
        throw std::runtime_error(fmt::format("is not a plan: it has the unknown key '{}'", key));
      }
    }
    if (plan_.format != 1 && !unknown_in_.empty())
      throw std::runtime_error(
          fmt::format("is not a plan: an item of '{}' has a key that none has", unknown_in_));
  }

  /// Whether what was just read stays in the JSON: not the items of the lists. A report holds its plan one
  /// level deeper.
  bool keep(int depth, json::parse_event_t event, json& read) {
    if (event == json::parse_event_t::key && depth == 1) outer_ = read.get<std::string>();
    if (event == json::parse_event_t::key && depth == 2) inner_ = read.get<std::string>();
    if (event != json::parse_event_t::object_end) return true;
    if (depth == 2) {
      const bool taken = take(outer_, read);
      taken_outside_ = taken_outside_ || taken;
      return !taken;
    }
    return depth != 3 || outer_ != "plan" || !take(inner_, read);
  }

  bool take(const std::string& list, const json& item) {
    return list == "changes"      ? add(list, item, plan_.changes)
           : list == "links"      ? add(list, item, plan_.links)
           : list == "notes"      ? add(list, item, plan_.notes)
           : list == "objections" ? add(list, item, plan_.objections)
           : list == "operations" ? add(list, item, plan_.operations)
           : list == unlinks      ? add(list, item, plan_.unlinks)
                                  : list == "seals" && add(list, item, plan_.seals);
  }

  template <class Item>
  bool add(const std::string& list, const json& from, std::vector<Item>& items) {
    try {
      if (error_) return true;
      items.push_back(from.get<Item>());
      if (json(items.back()) != from) unknown_in_ = list;
    } catch (...) {  // a plan of another format is told as that
      error_ = std::current_exception();
    }
    return true;
  }

  Plan plan_;
  json rest_;
  std::string outer_, inner_;   // the keys under which an item stands
  std::exception_ptr error_;    // of the first item that is none
  bool taken_outside_ = false;  // an item of a list that is no level deeper
  std::string unknown_in_;      // a list with an item that says more than is read
  std::string_view text_;
};

}  // namespace

std::string indented(std::string_view text, std::size_t depth) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result.append(2 * depth, ' ');
  }
  return result;
}

void write_content(const Plan& plan, const TextSink& sink) {
  PlanWriter(std::nullopt, sink).write(plan, "");
}

void write_json(const Plan& plan, std::size_t depth, const TextSink& sink) {
  PlanWriter(depth, sink).write(plan, plan.digest);
}

std::string digest_of(const Plan& plan) {
  Sha256 digest;
  write_content(plan, [&](std::string_view piece) { digest.add(piece); });
  return digest.hex();
}

Plan plan_from_json(std::string_view text, const std::string& known_digest) {
  try {
    return PlanReading(text).plan(known_digest);
  } catch (const json::exception& error) {
    throw std::runtime_error(fmt::format("is not a plan: {}", text_of(error)));
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(fmt::format("is not a plan: {}", error.what()));
  }
}

}  // namespace usher
