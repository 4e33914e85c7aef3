#include <algorithm>

#include "rules/config.hpp"
#include "rules/config/lines.hpp"

namespace usher {
namespace {

/// Reads the file beside the source, one character of the source at a time.
class Walk {
 public:
  Walk(const SourceLocation& start, const std::vector<std::string>& lines)
      : lines_(lines), line_(static_cast<std::size_t>(start.line) - 1) {
    at_ = byte_of_column(lines[line_], start.column);
    indent_ = at_;
    const char before = at_ > 0 ? lines[line_][at_ - 1] : ' ';
    quote_ = before == '"' || before == '\'' ? before : '\0';
  }

  /// Goes past what stands in the file for one character; false: the file reads differently.
  bool pass(char c) {
    if (c == '\n' && quote_ == '\0') return next_line_of_block();
    if (c == '\n' || (c == ' ' && rest_is_blank())) return next_line_of_folded_text();
    const std::string& text = lines_[line_];
    if (quote_ == '"' && at_ + 1 < text.size() && text[at_] == '\\') {
      if (text[at_ + 1] != c) return false;  // \n, \u…: not worth following
      at_ += 2;
      return true;
    }
    if (at_ >= text.size() || text[at_] != c) return false;
    at_ += quote_ == '\'' && c == '\'' ? 2 : 1;
    return true;
  }

  SourceLocation place(const std::string& file) const {
    const std::string& text = lines_[std::min(line_, lines_.size() - 1)];
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text.size()));
    return {file, static_cast<int>(line_) + 1,
            static_cast<int>(std::count_if(text.begin(), end, starts_character)) + 1};
  }

 private:
  bool next_line_of_block() {
    if (++line_ >= lines_.size()) return false;
    at_ = std::min(indent_, lines_[line_].size());
    return true;
  }

  bool next_line_of_folded_text() {
    do {
      if (++line_ >= lines_.size()) return false;
      at_ = lines_[line_].find_first_not_of(' ');
    } while (at_ == std::string::npos);
    return true;
  }

  bool rest_is_blank() const {
    return lines_[line_].find_first_not_of(" \t", std::min(at_, lines_[line_].size())) == std::string::npos;
  }

  const std::vector<std::string>& lines_;
  std::size_t line_;
  std::size_t at_ = 0;
  std::size_t indent_ = 0;  ///< of a literal block
  char quote_ = '\0';
};

}  // namespace

SourceLocation place_in(const Expression& expression, std::size_t offset,
                        const std::vector<std::string>& file_lines) {
  SourceLocation start = expression.place;
  std::size_t from = 0;
  for (const auto& [begins, place] : expression.elements) {
    if (begins > offset) break;
    from = begins;
    start = place;
  }
  if (start.line <= 0 || static_cast<std::size_t>(start.line) > file_lines.size()) return start;
  if (!expression.elements.empty() && from == 0) return start;
  Walk walk(start, file_lines);
  const std::size_t end = std::min(offset, expression.source.size());
  for (std::size_t i = from; i < end; ++i) {
    const SourceLocation here = walk.place(start.file);
    if (!walk.pass(expression.source[i])) return here;
  }
  return walk.place(start.file);
}

}  // namespace usher
