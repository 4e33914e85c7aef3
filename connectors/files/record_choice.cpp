#include "connectors/files/record_choice.hpp"

#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <cctype>

#include "connectors/canonical.hpp"

namespace usher {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "2026-03-01", and whatever time of day stands behind it.
bool is_iso_date(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-dd";
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == 'd' ? !is_digit(text[i]) : text[i] != form[i]) return false;
  return text.size() == form.size() || text[form.size()] == 'T' || text[form.size()] == ' ';
}

/// The text of a member; empty when it says nothing, nullopt when it is a list or an object.
std::optional<std::string> member_text(std::string_view attributes, const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element object, found;
  if (parser.parse(attributes.data(), attributes.size()).get(object) != simdjson::SUCCESS)
    return std::nullopt;
  if (!element_at(object, path, found) || found.is_null()) return std::string();
  return scalar_text(found);
}

}  // namespace

std::optional<std::string> comparable_age(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  if (text.empty()) return std::string();
  if (is_iso_date(text)) return "d" + std::string(text);
  if (text.size() > 30 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return "d" + std::string(31 - text.size(), '0') + std::string(text);
}

std::pair<std::uint64_t, std::uint64_t> RecordChooser::digest(std::string_view key) {
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  return {hash.high64, hash.low64};
}

void RecordChooser::see(std::string_view key, std::string_view attributes) {
  ++number_;
  Best& best = best_[digest(key)];
  const bool first = best.record == 0;
  best.several = best.several || !first;
  if (choice_.kind == RecordChoice::Kind::newest) {
    const auto text = member_text(attributes, choice_.column);
    const auto age = text ? comparable_age(*text) : std::nullopt;
    best.unclear = best.unclear || !age;
    if (!age || (!first && *age < best.age)) {
      if (first) best.record = number_;
      return;
    }
    best.age = *age;
  } else if (choice_.kind == RecordChoice::Kind::first && !first) {
    return;
  }
  best.record = number_;
}

void RecordChooser::decide() {
  decided_ = true;
  number_ = 0;
}

RecordChooser::Answer RecordChooser::ask(std::string_view key) {
  ++number_;
  const auto found = best_.find(digest(key));
  if (found == best_.end()) return Answer::chosen;
  if (found->second.several && found->second.unclear) return Answer::cannot_be_compared;
  return found->second.record == number_ ? Answer::chosen : Answer::passed_over;
}

}  // namespace usher
