#include "state/model/normalise.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "state/model/json_path.hpp"

namespace usher {

namespace {

constexpr std::string_view white = " \t\r\n\f\v";

/// One pass of utf8proc, or the text as it is when it is not UTF-8.
std::string mapped(const std::string& text, utf8proc_option_t options, utf8proc_custom_func function) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map_custom(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                          static_cast<utf8proc_ssize_t>(text.size()), &out, options, function, nullptr);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  return size < 0 ? text : std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
}

/// More combining marks in a row than any script has (UAX 15 allows 30 in a stream); to bring many into order
/// takes the square of their number.
constexpr int most_marks = 1000;

bool has_a_tower_of_marks(std::string_view text) {
  int run = 0;
  for (std::size_t at = 0; at < text.size() && run <= most_marks;) {
    utf8proc_int32_t letter = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &letter);
    if (length <= 0) return false;
    run = letter >= 0x300 && utf8proc_get_property(letter)->combining_class != 0 ? run + 1 : 0;
    at += static_cast<std::size_t>(length);
  }
  return run > most_marks;
}

bool is_seen(utf8proc_int32_t codepoint) {
  const auto category = utf8proc_get_property(codepoint)->category;
  return category != UTF8PROC_CATEGORY_CC && category != UTF8PROC_CATEGORY_CF &&
         category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP;
}

utf8proc_int32_t lower(utf8proc_int32_t codepoint, void*) {
  return utf8proc_tolower(codepoint);
}

}  // namespace

std::string normalised(std::string_view text, const Normalisation& how) {
  if (how.trim) {
    const std::size_t first = text.find_first_not_of(white);
    text = first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(white) - first + 1);
  }
  std::string result(text);
  if (how.lower) result = mapped(result, static_cast<utf8proc_option_t>(0), &lower);
  if (how.nfc && !has_a_tower_of_marks(result)) {
    result = mapped(result, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE), nullptr);
  }
  return result;
}

std::string nfkc_casefold(std::string_view text) {
  if (has_a_tower_of_marks(text)) return std::string(text);
  return mapped(std::string(text),
                static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                               UTF8PROC_CASEFOLD | UTF8PROC_IGNORE),
                nullptr);
}

std::string without_unseen(std::string_view text) {
  std::string seen;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t letter = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &letter);
    if (length <= 0) return std::string(text);  // no UTF-8
    if (is_seen(letter)) seen += text.substr(at, static_cast<std::size_t>(length));
    at += static_cast<std::size_t>(length);
  }
  return seen;
}

nlohmann::json normalised(nlohmann::json value, const Attribute& attribute) {
  if (value.is_string()) value = normalised(value.get_ref<const std::string&>(), attribute.normalise);
  if (value.is_array()) {
    for (nlohmann::json& item : value) {
      if (item.is_string()) item = normalised(item.get_ref<const std::string&>(), attribute.normalise);
    }
    if (attribute.type == AttributeType::set) {
      std::sort(value.begin(), value.end());
      value.erase(std::unique(value.begin(), value.end()), value.end());
    }
  }
  const bool empty = (value.is_string() && value.get_ref<const std::string&>().empty()) ||
                     (value.is_structured() && value.empty());
  return empty ? nlohmann::json() : value;
}

const nlohmann::json& at_path(const nlohmann::json& object, std::string_view path) {
  static const nlohmann::json nothing;
  return path.empty() ? nothing : json_at(object, path);
}

}  // namespace usher
