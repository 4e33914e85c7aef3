#include <csv.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "rules/config/sections.hpp"

namespace usher {
namespace {

using Table = std::map<std::string, std::string>;

constexpr std::size_t largest_table = 256U << 20U;

/// Takes the rows of a CSV file with the columns key and value.
struct Rows {
  Table& table;
  std::string file;
  Diagnostics& mistakes;
  std::vector<std::string> cells;
  std::optional<std::size_t> key, value;
  std::size_t columns = 0;
  std::size_t row = 0;  ///< from 1, the header included

  void cell(const char* text, std::size_t size) { cells.emplace_back(text == nullptr ? "" : text, size); }

  void end() {
    ++row;
    if (row == 1)
      header();
    else if (key && value)
      entry();
    cells.clear();
  }

  void header() {
    columns = cells.size();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i] == "key") key = i;
      if (cells[i] == "value") value = i;
    }
    if (!key || !value)
      mistakes.add({file, 1, 1}, "a table needs a header with the columns 'key' and 'value'");
  }

  void entry() {
    if (cells.size() != columns) {
      mistakes.add({file, 0, 0}, "row " + std::to_string(row) + " has " + std::to_string(cells.size()) +
                                     " cells, the header " + std::to_string(columns));
    } else if (!table.emplace(cells[*key], cells[*value]).second) {
      mistakes.add({file, 0, 0}, "row " + std::to_string(row) + " repeats the key '" + cells[*key] + "'");
    }
  }
};

void on_cell(void* text, std::size_t size, void* rows) {
  static_cast<Rows*>(rows)->cell(static_cast<const char*>(text), size);
}
void on_row(int, void* rows) {
  static_cast<Rows*>(rows)->end();
}

void read_csv(const std::string& text, Rows& rows) {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) throw std::bad_alloc();
  const std::unique_ptr<csv_parser, decltype(&csv_free)> free(&parser, &csv_free);
  const std::size_t skip = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const bool whole = csv_parse(&parser, text.data() + skip, text.size() - skip, on_cell, on_row, &rows) ==
                     text.size() - skip;
  if (!whole || csv_fini(&parser, on_cell, on_row, &rows) != 0)
    rows.mistakes.add({rows.file, 0, 0},
                      "a quote after row " + std::to_string(rows.row) + " is wrong or not closed");
}

Table read_file(const Node& path, Reading& reading) {
  Table table;
  const std::filesystem::path file = reading.directory / path.text;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error) ||
      std::filesystem::file_size(file, error) > largest_table) {
    reading.mistakes.add(path.place,
                         "the table " + path.text + " is not there, no file or larger than 256 MiB");
    return table;
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) {
    reading.mistakes.add(path.place, "the table " + path.text + " cannot be read");
  } else if (!simdjson::validate_utf8(text.data(), text.size())) {
    reading.mistakes.add(path.place, "the table " + path.text + " is not UTF-8 text");
  } else {
    Rows rows{table, path.text, reading.mistakes, {}, {}, {}, 0, 0};
    read_csv(text, rows);
    if (rows.row == 0) reading.mistakes.add(path.place, "the table " + path.text + " is empty");
  }
  return table;
}

}  // namespace

std::map<std::string, Table> read_tables(const Node* tables, Reading& reading) {
  std::map<std::string, Table> read;
  if (tables == nullptr) return read;
  for (const auto& [name, value] : tables->entries) {
    Table& table = read[name.text];
    if (value.kind == Node::Kind::scalar && !value.text.empty() && !value.is_boolean())
      table = read_file(value, reading);
    for (const auto& [key, cell] : value.entries) table[key.text] = cell.text_or_empty();
  }
  return read;
}

}  // namespace usher
