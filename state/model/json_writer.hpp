#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// Appends one JSON object to a text as nlohmann::json::dump() would write it, without building it. REQUIRES:
/// members are added in the order of their names, each once; end() comes last.
class JsonObjectText {
 public:
  explicit JsonObjectText(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view name, std::string_view value);
  void texts(std::string_view name, const std::vector<std::string>& values);
  void number(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);
  void value(std::string_view name, const nlohmann::json& value);
  /// A list; append(out, item) writes each.
  template <class Item, class Append>
  void list(std::string_view name, const std::vector<Item>& items, const Append& append) {
    this->name(name);
    out_ += '[';
    for (const Item& item : items) {
      if (&item != items.data()) out_ += ',';
      append(out_, item);
    }
    out_ += ']';
  }
  /// Begins a member; the caller appends its value.
  std::string& name(std::string_view name);
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

/// Appends a value as dump() does, with U+FFFD for what is no UTF-8.
void append_json(std::string& out, const nlohmann::json& value);
/// Appends a text as a JSON string, and what is no UTF-8 in it as U+FFFD, as dump() does.
void append_json_text(std::string& out, std::string_view text);
/// Appends a list of texts.
void append_json_texts(std::string& out, const std::vector<std::string>& texts);

/// JSON without blanks as dump(2) writes it, each line but the first with so many levels of two blanks more.
/// REQUIRES: `compact` is valid JSON without blanks between its parts.
std::string indented_json(std::string_view compact, std::size_t levels);

}  // namespace usher
