#include "rules/yaml/document.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace usher {
namespace {

constexpr std::size_t largest_file = 16U << 20U;

/// Ends the reading: more than the limits allow.
struct TooLarge {
  SourceLocation place;
  const char* why;
};

/// Turns byte columns into character columns.
class Ruler {
 public:
  Ruler(const std::string& text, const std::string& file) : text_(text), file_(file) {
    starts_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }

  SourceLocation place(const YAML::Mark& mark) const {
    if (mark.line < 0) return {file_, 0, 0};
    const auto line = std::min(static_cast<std::size_t>(mark.line), starts_.size() - 1);
    const std::size_t end =
        std::min(starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size());
    const auto characters =
        std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(starts_[line]),
                      text_.begin() + static_cast<std::ptrdiff_t>(std::max(end, starts_[line])),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return {file_, static_cast<int>(line) + 1, static_cast<int>(characters) + 1};
  }

 private:
  const std::string& text_;
  std::string file_;
  std::vector<std::size_t> starts_;
};

class Builder : public YAML::EventHandler {
 public:
  Builder(const Ruler& ruler, Diagnostics& mistakes, const DocumentLimits& limits)
      : ruler_(ruler), mistakes_(mistakes), limits_(limits) {}

  Node root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.plain = true;
    node.place = ruler_.place(mark);
    if (!open_.empty() && open_.back().key) node.place = open_.back().key->place;
    close(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      mistakes_.add(ruler_.place(mark), "an alias cannot stand inside what it repeats");
      OnNull(mark, YAML::NullAnchor);
      return;
    }
    close(Node(found->second), YAML::NullAnchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = begin(mark, tag);
    node.kind = Node::Kind::scalar;
    node.plain = tag == "?";
    node.text = value.empty() && is_odd(tag) ? tag : value;
    close(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    push(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    push(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { pop(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::optional<Node> key;
    std::map<std::string, SourceLocation, std::less<>> seen;
    bool skip = false;  ///< the value to come belongs to a key that was repeated or is no scalar
  };

  static constexpr const char* too_many =
      "this holds more than {1} values, aliases counted in full: it is no {0}";
  static constexpr const char* too_deep = "this is nested too deeply to be a {0}: more than {2} levels";

  static bool is_odd(const std::string& tag) { return !tag.empty() && tag != "?" && tag != "!"; }

  Node begin(const YAML::Mark& mark, const std::string& tag) {
    Node node;
    node.place = ruler_.place(mark);
    if (is_odd(tag))
      mistakes_.add(
          node.place,
          "a '!' at the beginning of a value makes it a YAML tag, which means nothing here; put the "
          "value in single quotes");
    return node;
  }

  void push(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Open open;
    open.node = begin(mark, tag);
    open.node.kind = kind;
    open.anchor = anchor;
    if (open_.size() >= limits_.levels) throw TooLarge{open.node.place, too_deep};
    open_.push_back(std::move(open));
  }

  void pop() {
    Open done = std::move(open_.back());
    open_.pop_back();
    close(std::move(done.node), done.anchor);
  }

  void close(Node node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    total_ += node.size;
    if (total_ > limits_.nodes) throw TooLarge{node.place, too_many};
    if (open_.size() + node.levels > limits_.levels) throw TooLarge{node.place, too_deep};
    parent.node.size += node.size;
    parent.node.levels = std::max(parent.node.levels, node.levels + 1);
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, std::move(node));
    } else {
      if (!parent.skip) parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
      parent.skip = false;
    }
  }

  void take_key(Open& parent, Node key) {
    if (key.kind != Node::Kind::scalar) {
      mistakes_.add(key.place, "a key must be a text");
      parent.skip = true;
    } else if (const auto [at, fresh] = parent.seen.emplace(key.text, key.place); !fresh) {
      mistakes_.add(key.place,
                    "'" + key.text + "' is given twice, first at line " + std::to_string(at->second.line));
      parent.skip = true;
    }
    parent.key = std::move(key);
  }

  const Ruler& ruler_;
  Diagnostics& mistakes_;
  const DocumentLimits& limits_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t total_ = 0;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What yaml-cpp says, with what it most often means in a file full of expressions.
std::string advice(const std::string& problem, const DocumentLimits& limits) {
  if (contains(problem, "illegal map value"))
    return "this is not YAML: a ':' where no key can stand (text that has ': ' in it needs quotes or a block "
           "after '|'; a tab cannot indent)";
  if (contains(problem, "end of map not found") || contains(problem, "end of sequence not found"))
    return "this is not YAML: the value before this place ended too early (a value that begins with a quote, "
           "'[' "
           "or '{' must end with its partner: put the whole expression in single quotes), or the line is "
           "indented differently from its neighbours";
  if (contains(problem, "flow"))
    return "this is not YAML: a '{' or '[' is not closed, or something stands where ',' is due";
  if (contains(problem, "EOF in scalar")) return "this is not YAML: a quote is not closed";
  if (contains(problem, "unknown token"))
    return "this is not YAML: a value cannot begin with this character; put it in quotes";
  if (contains(problem, "anchor is not defined"))
    return "this is not YAML: '*' at the beginning of a value refers to an anchor, and there is none of that "
           "name; put the value in quotes if it is no reference";
  if (contains(problem, "bad file")) return fmt::format("this is nested too deeply to be a {}", limits.what);
  return "this is not YAML: " + problem;
}

/// The first line (from 1), up to `last`, that a tab indents; 0: none.
int tab_indented(const std::string& text, int last) {
  std::size_t at = 0;
  for (int line = 1; line <= last && at < text.size(); ++line) {
    const std::size_t content = text.find_first_not_of(' ', at);
    if (content != std::string::npos && text[content] == '\t') return line;
    at = std::min(text.find('\n', at), text.size()) + 1;
  }
  return 0;
}

bool readable(const std::string& text, const std::string& file, Diagnostics& mistakes,
              const DocumentLimits& limits) {
  if (text.size() > largest_file) {
    mistakes.add({file, 0, 0}, fmt::format("larger than 16 MiB: this is no {}", limits.what));
    return false;
  }
  if (simdjson::validate_utf8(text.data(), text.size()) && !contains(text, std::string_view("\0", 1)))
    return true;
  int line = 1;
  for (std::size_t at = 0; at <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view part(text.data() + at, end - at);
    if (!simdjson::validate_utf8(part.data(), part.size()) || part.find('\0') != std::string_view::npos)
      break;
    at = end + 1;
  }
  mistakes.add({file, line, 1}, "this line is not UTF-8 text; save the file as UTF-8");
  return false;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key.text == key; });
  return found == entries.end() ? nullptr : &found->value;
}

const std::string& Node::text_or_empty() const {
  static const std::string nothing;
  return kind == Kind::scalar ? text : nothing;
}

bool Node::is_boolean() const {
  return kind == Kind::scalar && plain && (text == "true" || text == "false");
}

Node read_document(const std::string& text, const std::string& file, Diagnostics& mistakes,
                   const DocumentLimits& limits) {
  if (!readable(text, file, mistakes, limits)) return {};
  const Ruler ruler(text, file);
  Builder builder(ruler, mistakes, limits);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    Builder second(ruler, mistakes, limits);
    if (parser.HandleNextDocument(second))
      mistakes.add(second.root.place,
                   fmt::format("a second document begins here ('---'); a {} is one document", limits.what));
  } catch (const TooLarge& large) {
    mistakes.add(large.place, fmt::format(fmt::runtime(large.why), limits.what, limits.nodes, limits.levels));
    return {};
  } catch (const YAML::Exception& error) {
    const SourceLocation place = ruler.place(error.mark);
    const int tab = tab_indented(text, place.line + 1);
    if (tab > 0)
      mistakes.add({file, tab, 1}, "a tab indents this line; YAML is indented with spaces only");
    else
      mistakes.add(place, advice(error.msg, limits));
    return {};
  }
  return std::move(builder.root);
}

}  // namespace usher
