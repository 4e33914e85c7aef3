#include "connectors/files/json_array_splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "connectors/files/source_file.hpp"

namespace usher {
namespace {

/// What matters inside an element and outside strings.
constexpr std::array<bool, 256> structural = [] {
  std::array<bool, 256> table{};
  for (const char c : {'"', '{', '}', '[', ']', ','}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

JsonArraySplitter::JsonArraySplitter(std::vector<std::string> path, JsonListener& listener)
    : path_(std::move(path)), listener_(listener) {}

std::string JsonArraySplitter::place() const {
  std::string shown;
  for (std::size_t i = 0; i < matched_; ++i) shown += "/" + path_[i];
  return shown.empty() ? "the document" : "'" + shown + "'";
}

void JsonArraySplitter::fail(std::string problem) {
  problem_ = std::move(problem);
  phase_ = Phase::failed;
}

bool JsonArraySplitter::feed(std::string_view chunk) {
  std::size_t at = 0;
  while (at < chunk.size() && phase_ != Phase::failed) {
    if (phase_ == Phase::element) {
      at = pass_element(chunk, at);
    } else if (in_string_) {
      at = pass_string(chunk, at);
    } else {
      const char c = chunk[at++];
      if (c == '\n') ++line_;
      if (is_blank(c)) continue;
      if (phase_ == Phase::list) {
        between_elements(c);
        if (phase_ == Phase::element) --at;
      } else {
        seek(c);
      }
    }
  }
  return phase_ != Phase::failed;
}

/// Behind the quote that closes the string; behind the chunk when it goes on.
std::size_t JsonArraySplitter::string_end(std::string_view chunk, std::size_t at) {
  while (at < chunk.size()) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    while (at < chunk.size() && chunk[at] != '"' && chunk[at] != '\\') ++at;
    if (at == chunk.size()) break;
    escaped_ = chunk[at] == '\\';
    in_string_ = escaped_;
    ++at;
    if (!in_string_) break;
  }
  return at;
}

/// Passes the rest of a string; what it says matters only where a key is due.
std::size_t JsonArraySplitter::pass_string(std::string_view chunk, std::size_t at) {
  const std::size_t begin = at;
  at = string_end(chunk, at);
  const std::size_t end = in_string_ ? at : at - 1;
  if (key_due_ && key_.size() < 4096) key_.append(chunk, begin, end - begin);
  if (!in_string_) key_due_ = false;
  line_ += lines_in(chunk.substr(begin, at - begin));
  return at;
}

/// Whether the key just read is the one of the path at this depth.
bool JsonArraySplitter::key_is_on_path() const {
  const std::string& wanted = path_[on_path_ - 1];
  if (key_.find('\\') == std::string::npos) return key_ == wanted;
  const auto key = nlohmann::json::parse('"' + key_ + '"', nullptr, false);
  return key.is_string() && key.get_ref<const std::string&>() == wanted;
}

/// One character outside the list and outside strings.
void JsonArraySplitter::seek(char c) {
  const bool here = depth_ == on_path_ && depth_ > 0;
  if (c == '{' || c == '[') return open(c);
  if (due_) return fail(place() + " is neither a list nor an object");
  if (c == '}' || c == ']') {
    if (depth_ == 0) return fail("a bracket is closed that was never opened");
    if (here && phase_ == Phase::seek)
      return fail(fmt::format("{} has no key '{}'", place(), path_[matched_]));
    on_path_ = std::min(on_path_, --depth_);
  } else if (depth_ == 0) {
    fail("something stands behind the end of the document");
  } else if (c == '"') {
    in_string_ = true;
    if (key_due_) key_.clear();
  } else if (c == ',') {
    key_due_ = here;
  } else if (c == ':' && here && key_is_on_path()) {
    if (phase_ == Phase::tail)
      return fail(fmt::format("the key '{}', which leads to the list, stands twice", path_[on_path_ - 1]));
    ++matched_;
    due_ = true;
    key_.clear();
  }
}

void JsonArraySplitter::open(char c) {
  if (!due_) {
    if (phase_ == Phase::tail && depth_ == 0) return fail("something stands behind the end of the document");
    ++depth_;
    return;
  }
  const bool at_list = matched_ == path_.size();
  if (at_list && c == '{')
    return fail(place() + " is an object, not a list; 'pointer' says which of its keys holds the list");
  if (!at_list && c == '[')
    return fail(fmt::format("{} is a list, where the key '{}' is looked for", place(), path_[matched_]));
  due_ = false;
  if (at_list) {
    phase_ = Phase::list;
    return;
  }
  on_path_ = ++depth_;
  key_due_ = true;
}

/// One character of the list between two elements.
void JsonArraySplitter::between_elements(char c) {
  if (c == ']') {
    if (comma_) return fail("the list ends with a comma");
    return close_list();
  }
  if (c == ',') {
    if (element_due_) return fail("a comma stands in the list where an element is due");
    element_due_ = comma_ = true;
    return;
  }
  if (!element_due_) return fail("two elements of the list have no comma between them");
  phase_ = Phase::element;
  begun_ = line_;
  inside_ = 0;
  comma_ = false;
  text_.clear();
}

void JsonArraySplitter::close_list() {
  phase_ = Phase::tail;
  key_due_ = false;
}

std::size_t JsonArraySplitter::pass_element(std::string_view chunk, std::size_t at) {
  const std::size_t end = element_end(chunk, at);
  const std::string_view part = chunk.substr(at, end - at);
  line_ += lines_in(part);
  if (text_.size() + part.size() > largest_element) {
    fail("an element is larger than 16 MiB");
  } else if (phase_ == Phase::element) {
    text_ += part;
  } else {
    listener_.element(text_.empty() ? part : std::string_view(text_ += part), begun_);
    element_due_ = false;
  }
  return end;
}

/// Where the element ends in this chunk; when it does, the phase is `list` again.
std::size_t JsonArraySplitter::element_end(std::string_view chunk, std::size_t at) {
  while (at < chunk.size()) {
    if (in_string_) {
      at = string_end(chunk, at);
      continue;
    }
    while (at < chunk.size() && !structural[static_cast<unsigned char>(chunk[at])]) ++at;
    if (at == chunk.size()) break;
    const char c = chunk[at];
    if (inside_ == 0 && (c == ',' || c == ']')) {  // a bare word or number ends before these
      phase_ = Phase::list;
      return at;
    }
    ++at;
    in_string_ = c == '"';
    if (c == '{' || c == '[') ++inside_;
    if ((c == '}' || c == ']') && inside_ > 0 && --inside_ == 0) {
      phase_ = Phase::list;
      break;
    }
  }
  return at;
}

bool JsonArraySplitter::finish() {
  if (phase_ == Phase::failed) return false;
  const bool whole = phase_ == Phase::tail && depth_ == 0 && !in_string_;
  if (!whole)
    fail(line_ == 1 && phase_ == Phase::seek && due_ && matched_ == 0 ? "the file is empty"
                                                                      : "the document ends too early");
  return whole;
}

}  // namespace usher
