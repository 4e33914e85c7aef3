#include "rules/yaml/shape.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "state/model/excerpt.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

constexpr std::array<std::string_view, 10> old_yes = {"yes", "Yes", "YES", "on",   "On",
                                                      "ON",  "y",   "Y",   "True", "TRUE"};
constexpr std::array<std::string_view, 10> old_no = {"no",  "No", "NO", "off",   "Off",
                                                     "OFF", "n",  "N",  "False", "FALSE"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// What to write for a word that only YAML 1.1 takes for a truth value; empty for other words.
std::string truth_advice(const Node& node) {
  if (node.kind != Node::Kind::scalar || !node.plain) return {};
  const bool yes = among(old_yes, node.text);
  const bool no = among(old_no, node.text);
  if (!yes && !no) return {};
  return fmt::format("write {}; '{}' is a truth value only in old YAML (a text needs quotes)", yes,
                     node.text);
}

bool in_range(const Node& node, const Shape& shape) {
  const double value = std::strtod(node.text.c_str(), nullptr);
  return is_number(node) && value >= shape.least && value <= shape.most;
}

bool scalar_fits(const Node& node, const Shape& shape) {
  switch (shape.form) {
    case Shape::Form::text:
      return !node.is_boolean() && !node.text.empty();
    case Shape::Form::option:
    case Shape::Form::any:
      return true;
    case Shape::Form::code:
      return !node.text.empty();
    case Shape::Form::boolean:
      return node.is_boolean();
    case Shape::Form::integer:
      return in_range(node, shape) && node.text.find_first_of(".eE") == std::string::npos;
    case Shape::Form::number:
      return in_range(node, shape);
    case Shape::Form::choice:
      return !node.is_boolean() &&
             std::find(shape.choices.begin(), shape.choices.end(), node.text) != shape.choices.end();
    case Shape::Form::pattern:
      return !node.is_boolean() && !is_number(node) && RE2::FullMatch(node.text, shape.pattern);
    case Shape::Form::nothing:
    case Shape::Form::list:
    case Shape::Form::part:
    case Shape::Form::object:
    case Shape::Form::either:
      return false;
  }
  return false;
}

/// Whether a value is of this shape as far as one can see without going into it.
bool fits(const Node& node, const Shape& shape) {
  if (shape.form == Shape::Form::either)
    return std::any_of(shape.alternatives.begin(), shape.alternatives.end(),
                       [&](const Shape* one) { return fits(node, *one); });
  if (shape.form == Shape::Form::any) return true;
  switch (node.kind) {
    case Node::Kind::empty:
      return shape.form == Shape::Form::nothing;
    case Node::Kind::scalar:
      return scalar_fits(node, shape);
    case Node::Kind::list:
      return shape.form == Shape::Form::list;
    case Node::Kind::map:
      return shape.form == Shape::Form::object || shape.form == Shape::Form::part;
  }
  return false;
}

/// Whether a map has the keys by which a shape is told from its alternatives.
bool has_required(const Node& node, const Shape& shape) {
  if (shape.form == Shape::Form::either)
    return std::any_of(shape.alternatives.begin(), shape.alternatives.end(),
                       [&](const Shape* one) { return fits(node, *one) && has_required(node, *one); });
  return std::all_of(shape.keys.begin(), shape.keys.end(),
                     [&](const Key& key) { return !key.required || node.find(key.name) != nullptr; });
}

/// The first alternative that fits; of several kinds of map the first that has its required keys, else the
/// last.
const Shape* chosen(const Node& node, const Shape& shape) {
  const Shape* last = nullptr;
  for (const Shape* one : shape.alternatives) {
    if (!fits(node, *one)) continue;
    if (node.kind != Node::Kind::map || has_required(node, *one)) return one;
    last = one;
  }
  return last;
}

std::string shown(const Node& node) {
  if (node.kind == Node::Kind::list) return "a list";
  if (node.kind == Node::Kind::map) return "a map";
  if (node.text.empty()) return "an empty text";
  return "'" + excerpt(node.text, 40) + "'";
}

void report_misfit(const Node& node, const Shape& shape, const std::string& what, Diagnostics& mistakes) {
  const bool takes_empty = shape.form == Shape::Form::list && shape.least == 0;
  if (node.kind == Node::Kind::empty) {
    mistakes.add(node.place, fmt::format("{} is empty: it must be {}, or the line must go{}", what,
                                         shape.expects, takes_empty ? " ([] is an empty list)" : ""));
    return;
  }
  std::string message = fmt::format("{} must be {}, not {}", what, shape.expects, shown(node));
  const bool unquoted = shape.form == Shape::Form::boolean || shape.form == Shape::Form::integer ||
                        shape.form == Shape::Form::number;
  if (unquoted && node.kind == Node::Kind::scalar && !node.plain) {
    message += "; leave out the quotes";
  } else if (node.is_boolean() || is_number(node)) {
    if (shape.form == Shape::Form::text) message += "; put it in quotes if it is a text";
  } else if (shape.form == Shape::Form::boolean) {
    const std::string truth = truth_advice(node);
    message += truth.empty() ? "" : "; " + truth;
  } else if (shape.form == Shape::Form::choice && node.kind == Node::Kind::scalar) {
    message += did_you_mean(node.text, shape.choices);
  }
  mistakes.add(node.place, std::move(message));
}

std::vector<std::string> names_of(const std::vector<Key>& keys) {
  std::vector<std::string> names;
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

void report_unknown(const Node& key, const Shape& shape, const std::string& what, Diagnostics& mistakes) {
  const std::vector<std::string> known = names_of(shape.keys);
  std::string message = fmt::format("unknown key '{}' in {}", key.text, what);
  if (!shape.hint.empty()) {
    message += "; " + shape.hint;
  } else {
    message += did_you_mean(key.text, known, fmt::format("; it takes {}", fmt::join(known, ", ")));
  }
  mistakes.add(key.place, std::move(message));
}

void check_object(const Node& node, const Shape& shape, const std::string& what, Diagnostics& mistakes) {
  for (const Entry& entry : node.entries) {
    if (entry.key.text == "<<" && entry.key.plain) continue;  // refused everywhere
    const auto key = std::find_if(shape.keys.begin(), shape.keys.end(),
                                  [&](const Key& known) { return known.name == entry.key.text; });
    if (key != shape.keys.end()) {
      check(entry.value, *key->shape, "'" + key->name + "'", mistakes);
    } else if (shape.rest == nullptr) {
      report_unknown(entry.key, shape, what, mistakes);
    } else if (!shape.rest_names.empty() && !RE2::FullMatch(entry.key.text, shape.rest_names)) {
      mistakes.add(entry.key.place,
                   fmt::format("'{}' cannot be a name in {}; {}", entry.key.text, what, shape.hint));
    } else {
      check(entry.value, *shape.rest, "'" + entry.key.text + "'", mistakes);
    }
  }
  for (const Key& key : shape.keys)
    if (key.required && node.find(key.name) == nullptr)
      mistakes.add(node.place, fmt::format("{} lacks '{}': {}", what, key.name,
                                           key.about.empty() ? key.shape->about : key.about));
  for (const Key& key : shape.keys)
    if (!key.with.empty() && node.find(key.name) != nullptr && node.find(key.with) == nullptr)
      mistakes.add(node.place,
                   fmt::format("{} lacks '{}', which '{}' needs beside it", what, key.with, key.name));
  for (const auto& [one, other] : shape.apart)
    if (node.find(one) != nullptr && node.find(other) != nullptr)
      mistakes.add(node.place, fmt::format("{} can have '{}' or '{}', not both", what, one, other));
  const auto is_there = [&](const std::string& key) { return node.find(key) != nullptr; };
  if (!shape.some_of.empty() && std::none_of(shape.some_of.begin(), shape.some_of.end(), is_there))
    mistakes.add(node.place,
                 fmt::format("{} needs at least one of: {}", what, fmt::join(shape.some_of, ", ")));
  if (!shape.one_of.empty()) {
    const auto given = std::count_if(shape.one_of.begin(), shape.one_of.end(), is_there);
    if (given != 1)
      mistakes.add(node.place, fmt::format("{} {} one of: {}", what, given == 0 ? "needs" : "can only have",
                                           fmt::join(shape.one_of, ", ")));
  }
}

void report_old_truths(const Node& node, const std::string& what, Diagnostics& mistakes) {
  const std::string truth = truth_advice(node);
  if (!truth.empty()) mistakes.add(node.place, fmt::format("{}: {}", what, truth));
  for (const Node& item : node.items) report_old_truths(item, what, mistakes);
  for (const Entry& entry : node.entries) report_old_truths(entry.value, what, mistakes);
}

}  // namespace

bool is_number(const Node& node) {
  static const RE2 number(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  return node.kind == Node::Kind::scalar && node.plain && RE2::FullMatch(node.text, number);
}

void check(const Node& node, const Shape& shape, const std::string& what, Diagnostics& mistakes) {
  if (shape.form == Shape::Form::either) {
    const Shape* one = chosen(node, shape);
    return one == nullptr ? report_misfit(node, shape, what, mistakes) : check(node, *one, what, mistakes);
  }
  if (!fits(node, shape)) return report_misfit(node, shape, what, mistakes);
  if (shape.form == Shape::Form::code || shape.form == Shape::Form::any)
    report_old_truths(node, what, mistakes);
  if (shape.form == Shape::Form::object) check_object(node, shape, what, mistakes);
  if (shape.form != Shape::Form::list) return;
  if (static_cast<double>(node.items.size()) < shape.least)
    mistakes.add(node.place, fmt::format("{} must have at least {} entry", what, shape.least));
  for (const Node& item : node.items) check(item, *shape.items, "an entry of " + what, mistakes);
}

}  // namespace usher
