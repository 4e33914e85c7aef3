#include "engine/migrate/column_profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>

#include "engine/migrate/source_attribute.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

constexpr std::size_t values_kept = 20;

std::string small_letters(const std::string& text) {
  std::string made = text;
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

/// Letters and digits of a name only: "employeeid".
std::string plain_name(const std::string& name) {
  std::string made = small_letters(name);
  std::erase_if(made, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return made;
}

bool is_mail(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != std::string::npos && at > 0 && text.find('.', at) != std::string::npos &&
         text.find(' ') == std::string::npos;
}

/// How all of these values may be written as dates; empty: not at all. Day before month where both fit.
std::string pattern_of(const std::map<std::string, std::uint64_t>& values) {
  static const std::array<std::pair<const char*, const char*>, 6> forms = {{
      {R"(\d{4}-\d{2}-\d{2})", "%Y-%m-%d"},
      {R"(\d{1,2}\.\d{1,2}\.\d{4})", "%d.%m.%Y"},
      {R"((0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])/\d{4})", "%d/%m/%Y"},
      {R"((0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/\d{4})", "%m/%d/%Y"},
      {R"((19|20)\d{6})", "%Y%m%d"},
      {R"(\d{1,2}-[A-Za-z]{3}-\d{4})", "%d-%b-%Y"},
  }};
  if (values.empty()) return {};
  for (const auto& [form, pattern] : forms) {
    const std::regex whole(form);
    if (std::all_of(values.begin(), values.end(),
                    [&](const auto& value) { return std::regex_match(value.first, whole); }))
      return pattern;
  }
  return {};
}

bool contains_any(const std::string& name, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

/// How much a name says that it is a key: 0 nothing.
int key_rank(const std::string& name) {
  const std::string word = plain_name(name);
  if (contains_any(word, {"employeeid", "employeenumber", "personnelnumber", "personalnummer", "personid",
                          "staffid", "workerid", "matricule", "mitarbeiternummer"}))
    return 4;
  if (word == "id" || word == "key" || word == "uid") return 3;
  if (word.ends_with("id") || word.ends_with("number") || word.ends_with("nummer") || word.ends_with("nr") ||
      word.ends_with("no"))
    return 2;
  return 0;
}

std::string values_in_rows(std::uint64_t values, std::uint64_t rows) {
  return pluralised(values, "different value", "different values") + " in " + pluralised(rows, "row", "rows");
}

}  // namespace

std::string read_column(const std::string& name) {
  return is_identifier(name) ? "record." + name : "record[" + quoted(name) + "]";
}

std::string one_line(const std::string& text) {
  std::string made = text;
  for (char& c : made)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return made;
}

std::vector<ColumnProfile> profile_columns(const std::vector<std::string>& names,
                                           const std::vector<std::vector<std::string>>& rows) {
  std::vector<ColumnProfile> columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ColumnProfile column;
    column.name = names[i];
    std::map<std::string, std::uint64_t> values;
    std::map<std::string, std::uint64_t> folded;
    for (const auto& row : rows) {
      const std::string& value = row[i];
      if (value.empty()) continue;
      ++column.filled;
      column.longest = std::max<std::uint64_t>(column.longest, value.size());
      column.mails += is_mail(value) ? 1U : 0U;
      ++values[value];
      if (++folded[small_letters(value)] == 2 && column.repeated.size() < 3)
        column.repeated.push_back(one_line(value));
    }
    column.distinct = folded.size();
    column.pattern = pattern_of(values);
    for (const auto& value : values)
      if (column.values.size() < values_kept) column.values.push_back(value);
    columns.push_back(std::move(column));
  }
  return columns;
}

KeyChoice choose_key(const std::vector<ColumnProfile>& columns) {
  std::uint64_t rows = 0;
  for (const ColumnProfile& column : columns) rows = std::max(rows, column.filled);
  const auto rank = [&](const ColumnProfile& column) {
    const bool unique = column.filled == rows && column.distinct == rows && !column.name.empty();
    const int mail = column.mails * 2 > column.filled ? 1 : 0;  // people marry
    return std::pair(unique ? 1 : 0, std::max(key_rank(column.name), mail));
  };
  const auto best = std::max_element(columns.begin(), columns.end(),
                                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  const bool unique = rank(*best).first == 1;
  std::string why = values_in_rows(best->distinct, rows);
  if (!unique)
    why += fmt::format(
        ", so that it is no key as it stands; `choose: last`, or `key: [{}, …]` at hr, says what "
        "several rows of one person mean",
        one_line(best->name));
  return {best->name, why};
}

std::optional<Activity> find_activity(const std::vector<ColumnProfile>& columns) {
  for (const ColumnProfile& column : columns) {
    const std::string name = plain_name(column.name);
    if (!contains_any(name, {"status", "active", "aktiv", "state"}) || column.distinct > 10) continue;
    for (const char* word :
         {"active", "aktiv", "actif", "current", "employed", "true", "yes", "ja", "1", "y", "a"}) {
      for (const auto& [value, count] : column.values) {
        if (small_letters(value) != word) continue;
        std::vector<std::string> said;
        for (const auto& [each, times] : column.values)
          said.push_back(fmt::format("{} ({})", one_line(each), pluralised(times, "time", "times")));
        return Activity{column.name, "", fmt::format("{} == {}", read_column(column.name), quoted(value)),
                        fmt::format("{} holds {}", one_line(column.name), fmt::join(said, ", "))};
      }
    }
  }
  for (const ColumnProfile& column : columns) {
    const std::string name = plain_name(column.name);
    const bool leaving =
        contains_any(name, {"left", "leav", "end", "exit", "terminat", "austritt", "until", "sortie"});
    if (!leaving || column.pattern.empty() || contains_any(name, {"gender"})) continue;
    const std::string read = read_column(column.name);
    return Activity{column.name, column.pattern == "%Y-%m-%d" ? "" : column.pattern,
                    fmt::format("{0} == \"\" || date({0}) > now", read),
                    fmt::format("{} holds dates, in {}", one_line(column.name),
                                pluralised(column.filled, "row", "rows"))};
  }
  return std::nullopt;
}

std::string collisions_text(const ColumnProfile& column, std::uint64_t rows) {
  std::string text = fmt::format("{}: {}", one_line(column.name), values_in_rows(column.distinct, rows));
  if (column.filled < rows) text += fmt::format(", {} without one", with_separators(rows - column.filled));
  if (column.repeated.empty()) return text + "; no two share one.";
  return text + fmt::format("; {} stand{} more than once: such people are told and left out.",
                            fmt::join(column.repeated, ", "), column.repeated.size() == 1 ? "s" : "");
}

}  // namespace usher
