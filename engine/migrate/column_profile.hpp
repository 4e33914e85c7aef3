#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace usher {

/// What the cells of one column of a file hold.
struct ColumnProfile {
  std::string name;
  std::uint64_t filled = 0;
  std::uint64_t distinct = 0;  ///< different values, upper and lower case of ASCII the same
  std::uint64_t longest = 0;   ///< bytes of the longest value
  std::uint64_t mails = 0;     ///< values that look like an e-mail address
  std::vector<std::pair<std::string, std::uint64_t>> values;  ///< the first twenty, by name, with how often
  std::vector<std::string> repeated;                          ///< three of those that stand more than once
  std::string pattern;  ///< how it writes dates, as `dates` has it; empty: not all of it are dates
};

/// The expression that reads a column: `record.mail`, `record["E-Mail"]`.
std::string read_column(const std::string& name);

/// The text without line ends and other control characters: what can stand in a comment.
std::string one_line(const std::string& text);

std::vector<ColumnProfile> profile_columns(const std::vector<std::string>& names,
                                           const std::vector<std::vector<std::string>>& rows);

/// The column that tells one record from another.
struct KeyChoice {
  std::string name;
  std::string why;
};
/// One always is chosen: of several that are unique the one whose name says so; of none the best.
KeyChoice choose_key(const std::vector<ColumnProfile>& columns);

/// Who is still here.
struct Activity {
  std::string column;
  std::string pattern;     ///< of a column of dates; empty: it holds words
  std::string expression;  ///< over `record`
  std::string why;
};
std::optional<Activity> find_activity(const std::vector<ColumnProfile>& columns);

/// "email: 298 different values in 300 rows; kim@example.com stands more than once: …"
std::string collisions_text(const ColumnProfile& column, std::uint64_t rows);

}  // namespace usher
