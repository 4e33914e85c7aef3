#include "state/model/plan_json.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "state/model/exception_text.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/json_writer.hpp"
#include "state/model/plan_parts_json.hpp"
#include "state/model/sha256.hpp"
#include "state/model/strict_json.hpp"

namespace usher {

using nlohmann::json;

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
    if (!plan.costs.empty()) member("costs", plan.costs);
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
    std::string text;
    append_json(text, value);
    sink_(depth_ ? indented_json(text, *depth_ + 1) : text);
  }

  /// The items' texts are made in parallel, so many at once that they take little memory.
  template <class Item>
  void list(std::string_view called, const std::vector<Item>& items) {
    constexpr std::size_t piece = 512, at_once = 16;
    name(called);
    sink_("[");
    for (std::size_t first = 0; first < items.size(); first += piece * at_once) {
      std::array<std::string, at_once> texts;
      tbb::parallel_for(std::size_t{0}, at_once, [&](std::size_t i) {
        const std::size_t begin = first + i * piece;
        const std::size_t end = std::min(items.size(), begin + piece);
        for (std::size_t at = begin; at < end; ++at)
          texts[i] += (at == 0 ? "" : ",") + line(2) + text_of(items[at]);
      });
      for (const std::string& text : texts) sink_(text);
    }
    if (!items.empty()) begin_line(1);
    sink_("]");
  }

  void begin_line(std::size_t level) { sink_(line(level)); }

  std::string line(std::size_t level) const {
    return depth_ ? "\n" + std::string(2 * (*depth_ + level), ' ') : std::string();
  }

  std::string text_of(const auto& item) const {
    std::string text;
    append_json(text, item);
    return depth_ ? indented_json(text, *depth_ + 2) : text;
  }

  const std::optional<std::size_t> depth_;
  const TextSink& sink_;
  bool first_ = true;
};

constexpr std::array<const char*, 6> lists{"changes", "links", "notes", "objections", "operations", "seals"};
constexpr std::array<const char*, 11> others{"costs",   "digest", "format",     "hold-until", "now",   "only",
                                             "program", "rules",  "situations", "state",      "undoes"};
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
    plan_.costs = rest_.value("costs", plan_.costs);
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
      std::string given, read;
      append_json(given, from);
      append_json(read, items.back());
      if (given != read) unknown_in_ = list;
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
