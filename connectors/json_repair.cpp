#include "connectors/json_repair.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace usher {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

bool fits(std::string_view number) {
  const char* end = number.data() + number.size();
  if (number.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    const auto read = number.starts_with('-') ? std::from_chars(number.data(), end, with_sign)
                                              : std::from_chars(number.data(), end, without);
    return read.ec != std::errc::result_out_of_range;
  }
  double real = 0;
  const auto read = std::from_chars(number.data(), end, real);
  return read.ec != std::errc::result_out_of_range && std::isfinite(real);
}

/// How many bytes the UTF-8 character takes that begins here; 0: none begins.
std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (at(i) & 0xC0) == 0x80; };
  if (at(0) < 0x80) return 1;
  if (at(0) >= 0xC2 && at(0) <= 0xDF) return follows(1) ? 2 : 0;
  if (at(0) >= 0xE0 && at(0) <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if ((at(0) == 0xE0 && at(1) < 0xA0) || (at(0) == 0xED && at(1) > 0x9F)) return 0;
    return 3;
  }
  if (at(0) >= 0xF0 && at(0) <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if ((at(0) == 0xF0 && at(1) < 0x90) || (at(0) == 0xF4 && at(1) > 0x8F)) return 0;
    return 4;
  }
  return 0;
}

class Repair {
 public:
  explicit Repair(std::string_view text) : text_(text) {
    out_.text.reserve(text.size() + 16);
    out_.marked.reserve(text.size() + 16);
  }

  std::optional<RepairedJson> run() {
    while (at_ < text_.size()) inside_ ? in_string() : outside();
    if (!repaired_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void keep(std::size_t count) {
    out_.text.append(text_, at_, count);
    out_.marked.append(text_, at_, count);
    at_ += count;
  }
  void replace_character(std::size_t count) {
    out_.text += replacement;
    out_.marked += repair_mark;
    at_ += count;
    repaired_ = true;
  }
  void quote(std::size_t count) {
    const std::string_view token = text_.substr(at_, count);
    for (std::string* out : {&out_.text, &out_.marked}) {
      *out += '"';
      if (out == &out_.marked) *out += repair_mark;
      *out += token;
      *out += '"';
    }
    at_ += count;
    repaired_ = true;
  }

  void outside() {
    const char c = text_[at_];
    const std::string_view rest = text_.substr(at_);
    if (c == '"') {
      inside_ = true;
      keep(1);
    } else if ((c >= '0' && c <= '9') || (c == '-' && !rest.starts_with("-Infinity"))) {
      const auto end = std::find_if_not(rest.begin(), rest.end(), is_number_part);
      const auto length = static_cast<std::size_t>(end - rest.begin());
      fits(rest.substr(0, length)) ? keep(length) : quote(length);
    } else {
      for (const std::string_view no_number : {"NaN", "Infinity", "-Infinity"}) {
        if (rest.starts_with(no_number)) return quote(no_number.size());
      }
      keep(1);
    }
  }

  // The code unit of an escape \uXXXX that begins here; -1: there is none.
  int escape(std::size_t at) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return -1;
    int unit = 0;
    const char* end = text_.data() + at + 6;
    return std::from_chars(text_.data() + at + 2, end, unit, 16).ptr == end ? unit : -1;
  }

  void in_string() {
    const char c = text_[at_];
    if (c == '\\') {
      const int unit = escape(at_);
      const bool high = unit >= 0xD800 && unit <= 0xDBFF;
      const int next = high ? escape(at_ + 6) : -1;
      if (high && next >= 0xDC00 && next <= 0xDFFF) return keep(12);
      if (unit >= 0xD800 && unit <= 0xDFFF) return replace_character(6);
      return keep(std::min<std::size_t>(2, text_.size() - at_));
    }
    if (c == '"') inside_ = false;
    const std::size_t length = character(text_.substr(at_));
    if (length == 0 || static_cast<unsigned char>(c) < 0x20) return replace_character(1);
    keep(length);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool inside_ = false;
  bool repaired_ = false;
  RepairedJson out_;
};

}  // namespace

std::optional<RepairedJson> repair_json(std::string_view text) {
  return Repair(text).run();
}

}  // namespace usher
