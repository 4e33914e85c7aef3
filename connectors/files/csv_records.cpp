#include "connectors/files/csv_records.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "connectors/canonical.hpp"
#include "state/model/schema.hpp"

namespace usher {
namespace {

/// What windows-1252 puts where latin1 has control characters; 0: nothing.
constexpr std::array<char16_t, 32> windows_1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The text in UTF-8; nullopt when it is not text in that encoding.
std::optional<std::string> decoded(std::string_view text, TextEncoding encoding) {
  if (is_ascii(text)) return std::string(text);
  if (encoding == TextEncoding::utf8)
    return simdjson::validate_utf8(text.data(), text.size()) ? std::optional<std::string>(text)
                                                             : std::nullopt;
  std::string utf8;
  for (const char c : text) {
    unsigned code = static_cast<unsigned char>(c);
    if (encoding == TextEncoding::windows1252 && code >= 0x80 && code < 0xA0)
      code = windows_1252[code - 0x80];
    if (code == 0 && c != '\0') return std::nullopt;
    append_utf8(utf8, code);
  }
  return utf8;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? std::string()
                                    : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

CsvRecords::CsvRecords(std::vector<std::string> columns, std::string key, TextEncoding encoding,
                       const SourceFile& file, RecordPage& page)
    : key_(std::move(key)), encoding_(encoding), file_(file), page_(page) {
  if (!columns.empty()) take_header(std::move(columns), 0);
}

void CsvRecords::take_header(std::vector<std::string> names, std::uint64_t line) {
  names_ = std::move(names);
  const auto fail = [&](std::string message) {
    if (!unusable_) unusable_ = file_.failure(FailureKind::malformed, message, line);
  };
  std::vector<std::string> sorted = names_;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.front().empty()) fail("a column has no name; every column needs one");
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    fail(fmt::format("two columns are called '{}'", *twice));
  const auto key = std::find(names_.begin(), names_.end(), key_);
  if (key == names_.end()) {
    const std::string near = nearest(key_, names_);
    fail(fmt::format("no column is called '{}', the key; {}", key_,
                     near.empty() ? fmt::format("there are {}", fmt::join(names_, ", "))
                                  : fmt::format("did you mean '{}'?", near)));
    return;
  }
  key_column_ = static_cast<std::size_t>(key - names_.begin());
  order_.resize(names_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(),
            [&](std::size_t a, std::size_t b) { return names_[a] < names_[b]; });
  for (const std::size_t column : order_) {
    prefixes_.push_back(prefixes_.empty() ? "{" : ",");
    append_json_string(prefixes_.back(), names_[column]);
    prefixes_.back() += ':';
  }
}

void CsvRecords::row(const CsvRow& row) {
  if (unusable_) return;
  if (names_.empty()) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto name = decoded(row.cell(i), encoding_);
      if (!name || name->find('\0') != std::string::npos) {
        unusable_ = file_.failure(FailureKind::malformed,
                                  "the header is not text in the encoding of the file", row.line);
        return;
      }
      names.push_back(trimmed(*name));
    }
    return take_header(std::move(names), row.line);
  }
  if (row.size() != names_.size())
    return page_.bad(row.line,
                     fmt::format("{} cell{} where the header has {}", row.size(), row.size() == 1 ? "" : "s",
                                 names_.size()),
                     file_);
  json_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    json_ += prefixes_[i];
    if (!append_cell(json_, row.cell(order_[i]), row.line, order_[i])) return;
  }
  json_ += '}';
  std::string key = decoded(row.cell(key_column_), encoding_).value_or(std::string());
  page_.add(std::move(key), json_, row.line, file_);
}

bool CsvRecords::append_cell(std::string& json, std::string_view cell, std::uint64_t line,
                             std::size_t column) {
  if (cell.find('\0') != std::string_view::npos) {
    page_.bad(line, fmt::format("a NUL byte in the column '{}'", names_[column]), file_);
    return false;
  }
  if (is_ascii(cell)) {
    append_json_string(json, cell);
    return true;
  }
  const auto text = decoded(cell, encoding_);
  if (!text) {
    page_.bad(line,
              fmt::format("the column '{}' is not {} text", names_[column],
                          encoding_ == TextEncoding::utf8 ? "UTF-8" : "windows-1252"),
              file_);
    return false;
  }
  append_json_string(json, *text);
  return true;
}

void CsvRecords::broken(std::uint64_t line, const std::string& why) {
  if (!unusable_) page_.bad(line, why, file_);
}

}  // namespace usher
