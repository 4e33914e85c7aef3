#include "connectors/canonical.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "connectors/json_view.hpp"

namespace usher {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr double whole_limit =
    9007199254740992.0;  // 2^53: above it a double does not tell whole numbers apart

template <class Number>
void append_integer(std::string& out, Number value) {
  char buffer[24];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, written.ptr);
}

using Members = std::vector<std::pair<std::string_view, element>>;

// The members in key order. Of a key that comes twice the last one counts, as in every common parser.
void sort_members(Members& members) {
  const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(members.begin(), members.end(), before)) {
    std::stable_sort(members.begin(), members.end(), before);
  }
}

void append_members(std::string& out, const Members& members) {
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i + 1].first == members[i].first) continue;
    if (out.back() != '{') out += ',';
    append_json_string(out, members[i].first);
    out += ':';
    append_canonical(out, members[i].second);
  }
  out += '}';
}

}  // namespace

void append_canonical(std::string& out, const element& value) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      out += "null";
      return;
    case element_type::BOOL:
      out += view::number<bool>(value) ? "true" : "false";
      return;
    case element_type::INT64:
      append_integer(out, view::number<std::int64_t>(value));
      return;
    case element_type::UINT64:
      append_integer(out, view::number<std::uint64_t>(value));
      return;
    case element_type::DOUBLE:
      append_real(out, view::number<double>(value), false);
      return;
    case element_type::STRING:
      append_json_string(out, view::text(value));
      return;
    case element_type::ARRAY: {
      out += '[';
      for (const element item : view::items(value)) {
        if (out.back() != '[') out += ',';
        append_canonical(out, item);
      }
      out += ']';
      return;
    }
    case element_type::OBJECT: {
      Members members;
      for (const auto [key, member] : view::members(value)) members.emplace_back(key, member);
      sort_members(members);
      append_members(out, members);
      return;
    }
  }
}

std::string canonical_open_object(const element& object, const std::vector<std::string>& without) {
  std::string out;
  out.reserve(256);
  Members members;
  for (const auto [key, value] : view::members(object)) {
    const bool kept = std::find(without.begin(), without.end(), key) == without.end();
    if (kept && !view::says_nothing(value)) members.emplace_back(key, value);
  }
  sort_members(members);
  append_members(out, members);
  return out;
}

bool append_real(std::string& out, double value, bool whole) {
  if (std::floor(value) == value && std::fabs(value) < whole_limit) {
    append_integer(out, static_cast<std::int64_t>(value));
    return true;
  }
  if (whole) return false;
  out += nlohmann::json(value).dump();
  return true;
}

namespace {

// One step from an element to what stands there.
bool step_to(const element& from, std::string_view step, element& found) {
  if (from.is_object()) return view::members(from).at_key(step).get(found) == simdjson::SUCCESS;
  if (!from.is_array()) return false;
  if (const auto index = list_index(step))
    return view::items(from).at(*index).get(found) == simdjson::SUCCESS;
  const auto choice = list_choice(step);
  if (!choice) return false;
  for (const element item : view::items(from)) {
    element held;
    if (item.is_object() && view::members(item).at_key(choice->first).get(held) == simdjson::SUCCESS &&
        scalar_text(held) == choice->second) {
      found = item;
      return true;
    }
  }
  return false;
}

}  // namespace

bool element_at(const element& from, std::string_view path, element& found) {
  found = from;
  while (!path.empty()) {
    element next;
    if (!step_to(found, take_step(path), next)) return false;
    found = next;
  }
  return true;
}

std::optional<std::string> scalar_text(const element& value) {
  if (value.is_string()) return std::string(view::text(value));
  if (!value.is_bool() && !value.is_number()) return std::nullopt;
  std::string text;
  append_canonical(text, value);
  return text;
}

namespace {

// Adds the texts at a path; false when something else stands there.
bool add_texts(const element& from, std::string_view path, std::vector<std::string>& texts) {
  element place = from;
  while (!path.empty()) {
    std::string_view rest = path;
    const std::string_view step = take_step(rest);
    if (place.is_array() && !list_index(step) && !list_choice(step)) break;  // for each of its items
    element next;
    if (!step_to(place, step, next)) return true;
    place = next;
    path = rest;
  }
  if (place.is_array()) {
    for (const element item : view::items(place)) {
      if (!add_texts(item, path, texts)) return false;
    }
    return true;
  }
  if (place.is_null()) return true;
  auto text = scalar_text(place);
  if (!text) return false;
  texts.push_back(std::move(*text));
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> texts_at(const element& from, std::string_view path) {
  std::vector<std::string> texts;
  if (!add_texts(from, path, texts)) return std::nullopt;
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

}  // namespace usher
