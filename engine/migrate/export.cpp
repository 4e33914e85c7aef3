#include "engine/migrate/export.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The paths to everything in an object that is no object itself.
void collect_paths(const json& object, const std::string& prefix, std::set<std::string>& paths) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object()) {
      collect_paths(value, prefix + name + ".", paths);
    } else {
      paths.insert(prefix + name);
    }
  }
}

bool is_texts(const json& value) {
  return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const json& one) {
           return one.is_string() && !one.get_ref<const std::string&>().empty() &&
                  one.get_ref<const std::string&>().find(';') == std::string::npos;
         });
}

std::string cell_of(const json& value) {
  if (value.is_null() || (value.is_array() && value.empty())) return {};
  if (value.is_string()) return value.get<std::string>();
  if (!is_texts(value)) return text_of(value);
  std::string texts;
  for (const json& one : value) texts += (texts.empty() ? "" : ";") + one.get_ref<const std::string&>();
  return texts;
}

void append_cell(std::string& line, const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) {
    line += cell;
    return;
  }
  line += '"';
  for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
  line += '"';
}

/// Whether YAML reads the text as a text, and as this one, without quotes. Says no when in doubt.
bool is_plain_yaml(std::string_view text) {
  static constexpr std::array words = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !letter(text.front()) || text.back() == ' ') return false;
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (std::find(words.begin(), words.end(), lower) != words.end()) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || std::string_view(" _.@-").find(c) != std::string_view::npos;
  });
}

std::string yaml_scalar(const json& value) {
  if (value.is_string() && is_plain_yaml(value.get_ref<const std::string&>())) return value;
  return text_of(value);  // JSON is YAML
}

void append_yaml(std::string& text, const json& object, std::size_t indent) {
  bool first = indent == 2;
  for (const auto& [name, value] : object.items()) {
    text += first ? "- " : std::string(indent, ' ');
    first = false;
    text += yaml_scalar(name) + ":";
    if (value.is_object() && !value.empty()) {
      text += '\n';
      append_yaml(text, value, indent + 2);
    } else {
      text += ' ' + yaml_scalar(value) + '\n';
    }
  }
}

/// The value of a column: records of files may have dots in the names of their members.
const json& at_column(const json& record, const std::string& column) {
  const auto whole = record.find(column);
  return whole == record.end() ? at_path(record, column) : *whole;
}

std::vector<std::string> cells_of(const json& record, const std::vector<std::string>& columns) {
  std::vector<std::string> cells;
  for (const std::string& column : columns) cells.push_back(cell_of(at_column(record, column)));
  return cells;
}

}  // namespace

std::string csv_row(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    append_cell(line, cells[i]);
  }
  return line + '\n';
}

std::vector<std::string> dump_columns(Snapshots& snapshots, const Source& source, const Schema& schema) {
  std::set<std::string> paths;
  if (source.is_file) {
    for (const RowSlice& slice : snapshots.row_slices(source.platform, 1)) {
      snapshots.for_each_alive(
          slice, [&](const AccountView& view) { collect_paths(json::parse(view.attributes), "", paths); });
    }
    return {paths.begin(), paths.end()};
  }
  for (const Attribute& attribute : schema.attributes) {
    if (attribute.readable && !attribute.secret) paths.insert(attribute.path);
  }
  std::vector<std::string> columns = {"id", "active"};
  columns.insert(columns.end(), paths.begin(), paths.end());
  for (const std::string& kind : source.kinds) columns.push_back(kind + "s");
  return columns;
}

std::uint64_t dump(Snapshots& snapshots, const Source& source, const Schema& schema, DumpFormat format,
                   const std::function<void(std::string_view)>& write) {
  std::vector<std::string> columns;
  if (format == DumpFormat::csv) {
    columns = dump_columns(snapshots, source, schema);
    write(csv_row(columns));
  }
  if (format == DumpFormat::json) write("[");
  std::uint64_t count = 0;
  snapshots.for_each_by_id(source.platform, [&](const AccountView& view) {
    const json record =
        json::parse(record_text(source, view.id, view.active, view.attributes, view.memberships));
    std::string text;
    if (format == DumpFormat::csv) {
      text = csv_row(cells_of(record, columns));
    } else if (format == DumpFormat::yaml) {
      append_yaml(text, record, 2);
    } else {
      text = (count == 0 ? "\n " : ",\n ") + text_of(record);
    }
    ++count;
    write(text);
  });
  if (format == DumpFormat::json) write(count == 0 ? "]\n" : "\n]\n");
  if (format == DumpFormat::yaml && count == 0) write("[]\n");
  return count;
}

}  // namespace usher
