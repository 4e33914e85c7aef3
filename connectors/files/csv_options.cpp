#include "connectors/files/csv_options.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/files/text_decoder.hpp"
#include "rules/cel/date_pattern.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

/// `;`, or one of the words for what cannot be seen.
std::optional<char> delimiter_of(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "comma") return ',';
  if (text == "semicolon") return ';';
  if (text == "pipe") return '|';
  const bool usable = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 &&
                      std::string_view("\"\r\n").find(text[0]) == std::string_view::npos && text[0] != '\0';
  return usable ? std::optional<char>(text[0]) : std::nullopt;
}

/// A JSON array, as a list in the configuration arrives, or names with commas between.
std::vector<std::string> columns_of(const std::string& text) {
  if (text.starts_with('[')) return texts_of(text);
  std::vector<std::string> columns;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', at), end);
    const std::string name = text.substr(first, end - first);
    columns.push_back(name.substr(0, name.find_last_not_of(' ') + 1));
    at = end + 1;
  }
  return columns;
}

void read_encoding(const Settings& settings, CsvOptions& options, std::vector<Diagnostic>& mistakes) {
  options.encoding = option_or(settings, "encoding", "");
  if (is_encoding(options.encoding)) return;
  mistakes.push_back(mistake_about(
      settings, "encoding",
      fmt::format(
          "no encoding is called '{}'{}", options.encoding,
          did_you_mean(options.encoding, common_encodings(),
                       "; there are utf-8, utf-16, windows-1250 to -1258, iso-8859-1 to -16, shift_jis, "
                       "euc-jp, gb18030, big5, koi8-r, macintosh, ibm850 and whatever `iconv -l` lists"))));
}

/// {"left": "%d.%m.%Y", "hired": ["%d.%m.%Y", "serial"]}, as a map in the configuration arrives.
void read_dates(const Settings& settings, CsvOptions& options, std::vector<Diagnostic>& mistakes) {
  const std::string text = option_or(settings, "dates", "");
  if (text.empty()) return;
  const nlohmann::json map = nlohmann::json::parse(text, nullptr, false);
  if (!map.is_object()) {
    mistakes.push_back(
        mistake_about(settings, "dates",
                      "'dates' must be a map from columns to how they write dates: {left: \"%d.%m.%Y\"}"));
    return;
  }
  for (const auto& [column, patterns] : map.items()) {
    for (const std::string& pattern :
         texts_of(patterns.is_string() ? patterns.get<std::string>() : patterns.dump())) {
      const std::string problem = cel::date_pattern_problem(pattern);
      if (!problem.empty())
        mistakes.push_back(mistake_about(
            settings, "dates",
            fmt::format("the pattern '{}' of '{}' cannot be used: {}", pattern, column, problem)));
      options.dates[column].push_back(pattern);
    }
  }
}

void read_trailer(const Settings& settings, CsvOptions& options, std::vector<Diagnostic>& mistakes) {
  options.trailer = option_or(settings, "trailer", "");
  if (options.trailer.empty()) return;
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(options.trailer, quiet);
  if (!pattern.ok())
    mistakes.push_back(mistake_about(settings, "trailer",
                                     fmt::format("'trailer' is no regular expression: {}", pattern.error())));
  else if (pattern.NumberOfCapturingGroups() != 1)
    mistakes.push_back(mistake_about(
        settings, "trailer",
        "'trailer' needs one group in parentheses, for the number of records: 'Total: (\\d+)'"));
  options.footer = std::max<std::uint64_t>(options.footer.value_or(0), 1);
}

}  // namespace

std::vector<Option> csv_options() {
  std::vector<Option> options = source_options();
  const std::vector<Option> own = {
      {"delimiter",
       "string",
       false,
       ",",
       "what separates cells: one character, or tab; a first line 'sep=;' says it too",
       {}},
      {"encoding",
       "string",
       false,
       "utf-8",
       "how the file encodes text: utf-8, utf-16, windows-1252, iso-8859-15, shift_jis and so on; a byte "
       "order "
       "mark says it too",
       {}},
      {"columns", "string", false, "", "the names of the columns, when the file has no header row", {}},
      {"skip-rows", "integer", false, "0", "how many lines stand above the header", {}},
      {"footer",
       "integer",
       false,
       "",
       "how many rows at the end are totals and no records; 0: the last row is a record also where nothing "
       "but its key has a value",
       {}},
      {"trailer",
       "string",
       false,
       "",
       "a regular expression for the last row, whose group is the number of records: 'Total: (\\d+)'; a file "
       "without it, or with another number, was cut",
       {}},
      {"dates",
       "string",
       false,
       "",
       "which columns hold dates and how they write them: {left: \"%d.%m.%Y\"}, or a list of patterns; "
       "serial is "
       "the number of a spreadsheet. Records have them as 2026-03-01, and empty where there is none",
       {}},
      {"line-breaks",
       "string",
       false,
       "",
       "allowed: a quoted cell or column name may contain lines that look like rows; without it they count "
       "as swallowed by a stray quote",
       {"allowed"}}};
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

CsvOptions read_csv_options(const Settings& settings, const ConnectorKind& kind,
                            std::vector<Diagnostic>& mistakes) {
  CsvOptions options;
  options.source = read_source_options(settings, kind, mistakes);
  if (const std::string text = option_or(settings, "delimiter", ""); !text.empty()) {
    options.delimiter = delimiter_of(text);
    if (!options.delimiter)
      mistakes.push_back(
          mistake_about(settings, "delimiter",
                        "'delimiter' must be one character that is no quote and no line end, or tab"));
  }
  if (settings.options.contains("columns")) options.columns = columns_of(option_or(settings, "columns", ""));
  options.skip_rows = count_option(settings, "skip-rows", 0, 10'000, mistakes);
  if (!option_or(settings, "footer", "").empty())
    options.footer = count_option(settings, "footer", 0, 1'000, mistakes);
  options.line_breaks_allowed = option_or(settings, "line-breaks", "") == "allowed";
  options.used = settings.needs;
  read_encoding(settings, options, mistakes);
  read_trailer(settings, options, mistakes);
  read_dates(settings, options, mistakes);
  return options;
}

}  // namespace usher
