#include <fmt/format.h>

#include "rules/cel/date_pattern.hpp"
#include "rules/cel/library.hpp"
#include "rules/cel/moment.hpp"
#include "rules/cel/names.hpp"
#include "rules/cel/unicode.hpp"
#include "state/model/excerpt.hpp"

// The identity extension: what names, logins and dates of people need and CEL leaves to its hosts.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

/// Pays for a function that takes a text apart. What a step pays for elsewhere is copied far faster.
bool pay(Context& context, std::string_view text) {
  return is_ascii(text) || context.budget().spend(text.size() + cost_of_marks(text));
}

Value too_much(Context& context) {
  return context.error("the text is too long, or has too many combining marks in a row");
}

Value fold(Context& context, Arguments arguments) {
  const auto text = arguments[0].as_string();
  if (!pay(context, text)) return too_much(context);
  auto folded = folded_case(text);
  return folded ? context.text(*folded) : context.error("the text is not valid UTF-8");
}

Value nfc(Context& context, Arguments arguments) {
  const auto text = arguments[0].as_string();
  if (is_ascii(text)) return arguments[0];
  if (!pay(context, text)) return too_much(context);
  auto composed = composed_form(text);
  return composed ? context.text(*composed) : context.error("the text is not valid UTF-8");
}

Value ascii(Context& context, Arguments arguments) {
  const auto text = arguments[0].as_string();
  if (is_ascii(text)) return arguments[0];
  if (!pay(context, text)) return too_much(context);
  const auto language = arguments.size() > 1 ? arguments[1].as_string() : std::string_view();
  std::string result;
  if (const auto unknown = transliterate(text, language, result)) {
    return context.error(
        fmt::format("no ASCII letters stand for U+{:04X}", static_cast<std::uint32_t>(*unknown)));
  }
  return context.text(result);
}

Value login(Context& context, Arguments arguments) {
  const auto separator = arguments.size() > 1 ? arguments[1].as_string() : std::string_view(".");
  return context.text(login_name(arguments[0].as_string(), separator));
}

Value unique(Context& context, Arguments arguments) {
  if (context.taken() == nullptr) return context.error("unique() cannot tell here what others hold");
  for (const Value& candidate : arguments[0].as_list()) {
    if (!candidate.is_string()) return context.error("unique() chooses among strings");
    if (candidate.size() > 0 && !(*context.taken())(candidate.as_string())) return candidate;
  }
  return context.error("unique(): somebody else holds every candidate");
}

Value numbered(Context& context, Arguments arguments) {
  const auto stem = arguments[0].as_string();
  const std::int64_t last = arguments[1].as_int();
  if (last < 1 || last > 1000) return context.error("numbered(n) takes 1 to 1000");
  if (!context.budget().spend(static_cast<std::size_t>(last) * (1 + stem.size() / 16))) {
    return context.error("the list would be too long");
  }
  const auto items = context.arena().array<Value>(static_cast<std::size_t>(last));
  items[0] = arguments[0];
  for (std::size_t i = 1; i < items.size(); ++i) items[i] = context.text(fmt::format("{}{}", stem, i + 1));
  return Value::list(items);
}

Value parsed_date(Context& context, Arguments arguments) {
  const auto text = arguments[0].as_string();
  const auto pattern = arguments.size() > 1 ? arguments[1].as_string() : std::string_view("%Y-%m-%d");
  const auto moment = parse_date(text, pattern);
  if (moment) return Value::timestamp(*moment);
  return context.error(fmt::format("'{}' is no date as '{}' writes it", repaired(excerpt(text, 100)),
                                   repaired(excerpt(pattern, 100))));
}

Value date_text(Context& context, Arguments arguments) {
  Moment moment = arguments[0].as_timestamp();
  if (arguments.size() > 1) {
    const auto offset = zone_offset(arguments[1].as_string(), moment);
    if (!offset) return context.error("no such time zone");
    moment.seconds += *offset;
  }
  const Date day = date_of(moment);
  return context.text(fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day));
}

Value moved_or_error(Context& context, const std::optional<Moment>& moment) {
  return moment ? Value::timestamp(*moment) : context.error("the date leaves the years 1 to 9999");
}

Value add_days(Context& context, Arguments arguments) {
  return moved_or_error(context, moved_by_days(arguments[0].as_timestamp(), arguments[1].as_int()));
}

Value add_months(Context& context, Arguments arguments) {
  return moved_or_error(context, moved_by_months(arguments[0].as_timestamp(), arguments[1].as_int()));
}

Value add_years(Context& context, Arguments arguments) {
  std::int64_t months = 0;
  if (__builtin_mul_overflow(arguments[1].as_int(), 12, &months)) return moved_or_error(context, {});
  return moved_or_error(context, moved_by_months(arguments[0].as_timestamp(), months));
}

constexpr Definition identity_definitions[] = {
    {"string.fold() -> string", fold},
    {"string.nfc() -> string", nfc},
    {"string.ascii() -> string", ascii},
    {"string.ascii(string) -> string", ascii},
    {"string.login() -> string", login},
    {"string.login(string) -> string", login},
    {"string.numbered(int) -> list(string)", numbered},
    {"unique(list(string)) -> string", unique},
    {"date(string) -> timestamp", parsed_date},
    {"date(string, string) -> timestamp", parsed_date},
    {"timestamp.toDate() -> string", date_text},
    {"timestamp.toDate(string) -> string", date_text},
    {"timestamp.addDays(int) -> timestamp", add_days},
    {"timestamp.addMonths(int) -> timestamp", add_months},
    {"timestamp.addYears(int) -> timestamp", add_years},
};

}  // namespace

std::span<const Definition> identity_functions() {
  return identity_definitions;
}

}  // namespace usher::cel
