#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// How a text report is written.
struct TextStyle {
  bool colour = false;
  std::size_t limit = 40;   ///< changes and notes shown of each platform; 0: all
  std::size_t columns = 0;  ///< how wide lists may be: those of the terminal; 0: a row is one line
  std::string more;         ///< the command that shows all of them
};

/// The text as it may be printed on a terminal: control characters, bidirectional overrides, characters that
/// nobody can see and invalid UTF-8 are written as escapes, so that no platform's data can move the cursor,
/// fake a line, or look like other data. Joiners between letters of a script that needs them stay.
std::string escaped(std::string_view text);

/// The same of each line: line ends stay.
std::string escaped_lines(std::string_view text);

/// The beginning of the text that fits into so many columns of a terminal.
std::string clipped(std::string_view text, std::size_t columns);

/// "1,204,000"
std::string with_separators(std::uint64_t number);

/// "3rd"
std::string ordinal(std::uint64_t number);

/// "3 changes", "1 change"; plural: "changes".
std::string pluralised(std::uint64_t number, std::string_view singular, std::string_view plural);

/// "0.3 s", "2 min 5 s", "3 h 20 min", "4 d 2 h"
std::string duration_text(double seconds);

/// Colours of a terminal, or none.
class Ink {
 public:
  explicit Ink(bool on) : on_(on) {}
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string red(std::string_view text) const { return paint("31", text); }
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const;
  bool on_;
};

/// Columns that line up, measured in what a terminal shows, not in bytes.
class Table {
 public:
  enum class Align { left, right };
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  /// Missing cells are empty; cells hold no colour.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Each line indented, two spaces between columns, no space at its end.
  std::string text(std::size_t indent = 0) const;
  /// The same, with the words of the last column wrapped to so many columns of a terminal: below where the
  /// column begins, or, where that leaves no room for words, on lines of their own. Where the columns before
  /// it do not fit, each row goes on, column by column, on lines that are indented. columns: 0: a row is one
  /// line.
  std::string text_within(std::size_t columns, std::size_t indent = 0) const;

 private:
  std::vector<std::size_t> widths() const;
  std::string cells(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                    std::size_t first, std::size_t end) const;

  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// The words of `text` in lines of at most `width` columns, every line but the first indented. first: how
/// wide the first line may be, where it begins further left than the others; 0: as the others.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first = 0);

/// Lines of a report: those that are wider than so many columns of a terminal go on in lines that are
/// indented by four more. columns: 0: they stay as they are.
std::string wrapped_lines(std::string_view lines, std::size_t columns);

}  // namespace usher
