#include "connectors/files/record_choice.hpp"

#include <re2/re2.h>
#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <cctype>

#include "connectors/canonical.hpp"
#include "rules/cel/moment.hpp"

namespace usher {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "2026-03-01", "2026-03-01T08:30:00.5+01:00", "2026-03-01 08:30": a blank for the T, no seconds, a short
/// offset or none.
std::optional<cel::Moment> iso_moment(std::string_view text) {
  static const RE2 form(
      R"((\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?)?)");
  std::string day, time, seconds, utc, hours, minutes;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form, &day, &time, &seconds, &utc, &hours,
                      &minutes))
    return std::nullopt;
  if (time.empty()) time = "00:00";
  if (seconds.empty()) seconds = ":00";
  const std::string offset = hours.empty() ? "Z" : hours + ":" + (minutes.empty() ? "00" : minutes);
  return cel::parse_timestamp(day + "T" + time + seconds + offset);
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

std::optional<RecordAge> record_age(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  if (text.empty()) return RecordAge{};
  if (std::all_of(text.begin(), text.end(), is_digit)) {
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    return RecordAge{RecordAge::Kind::number, std::string(text), {}};
  }
  const auto moment = iso_moment(text);
  return moment ? std::optional(RecordAge{RecordAge::Kind::date, {}, *moment}) : std::nullopt;
}

std::optional<int> compare(const RecordAge& one, const RecordAge& other) {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
  const bool one_says = one.kind != RecordAge::Kind::none, other_says = other.kind != RecordAge::Kind::none;
  if (!one_says || !other_says) return order(one_says, other_says);
  if (one.kind != other.kind) return std::nullopt;
  if (one.kind == RecordAge::Kind::date) return order(one.moment, other.moment);
  return order(std::pair(one.digits.size(), one.digits), std::pair(other.digits.size(), other.digits));
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
    const auto age = text ? record_age(*text) : std::nullopt;
    const auto newer = age ? compare(*age, best.age) : std::nullopt;
    best.unclear = best.unclear || !newer;
    if (!newer || (!first && *newer < 0)) {
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
