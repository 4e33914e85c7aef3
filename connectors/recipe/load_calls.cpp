#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/loader.hpp"

namespace usher::recipe {
namespace {

const std::vector<std::string> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
const std::vector<std::string> verdicts{"done",        "read-back", "already-so", "throttled",
                                        "unavailable", "refused",   "denied",     "gone",
                                        "conflict",    "invalid",   "malformed"};
const std::vector<FailureKind> verdict_kinds{
    FailureKind::invalid,     FailureKind::invalid, FailureKind::already_so, FailureKind::throttled,
    FailureKind::unavailable, FailureKind::refused, FailureKind::denied,     FailureKind::gone,
    FailureKind::conflict,    FailureKind::invalid, FailureKind::malformed};
const std::vector<std::string> paging_kinds{"none",      "offset",      "page",   "cursor",
                                            "next-link", "link-header", "last-id"};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

const std::vector<std::string> proofs{"none", "overlap", "twice"};

bool any_expression(const TextTemplate& text, const std::function<bool(const cel::Program&)>& test) {
  return std::any_of(text.pieces().begin(), text.pieces().end(), [&](const TextTemplate::Piece& piece) {
    return piece.expression && test(piece.expression->program());
  });
}

bool any_expression(const BodyTemplate& tree, const std::function<bool(const cel::Program&)>& test) {
  if (tree.leaf) return test(tree.leaf->program());
  return std::any_of(tree.members.begin(), tree.members.end(),
                     [&](const BodyTemplate::Member& member) { return any_expression(member.value, test); });
}

Known with_reply(Known known) {
  known.insert(known.end(), {Variable::status, Variable::headers, Variable::body});
  return known;
}

}  // namespace

bool any_expression(const Call& call, const std::function<bool(const cel::Program&)>& test) {
  if (any_expression(call.path, test)) return true;
  for (const auto* texts : {&call.query, &call.headers, &call.form}) {
    for (const auto& [name, text] : *texts) {
      if (any_expression(text, test)) return true;
    }
  }
  return (call.body && any_expression(*call.body, test)) || (call.add && any_expression(*call.add, test));
}

bool uses(const Call& call, Variable variable) {
  return any_expression(call, [&](const cel::Program& program) { return program.uses(to_string(variable)); });
}

std::optional<Expression> Loader::compile(const std::string& source, SourceLocation place, bool one_line,
                                          const Known& known, const cel::Type& wanted) {
  auto program = cel::Program::compile(source, language_->environment(), wanted);
  if (!program) {
    for (const cel::Diagnostic& mistake : program.error()) {
      SourceLocation exact = place;
      if (one_line) exact.column += static_cast<int>(mistake.offset);
      document_.mistake(exact, mistake.message);
    }
    return std::nullopt;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(Variable::count); ++i) {
    const auto variable = static_cast<Variable>(i);
    if (!program->uses(to_string(variable)) || std::find(known.begin(), known.end(), variable) != known.end())
      continue;
    std::string names;
    for (const Variable one : known) names += (names.empty() ? "" : ", ") + std::string(to_string(one));
    document_.mistake(place,
                      "'" + std::string(to_string(variable)) + "' has no value here; known are: " + names);
    return std::nullopt;
  }
  return Expression(std::move(*program), std::move(place));
}

std::optional<Expression> Loader::expression(const YAML::Node& node, const Known& known,
                                             const cel::Type& wanted) {
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar() && !node.IsNull()) {
    document_.mistake(node, "an expression must be a text");
    return std::nullopt;
  }
  SourceLocation place = document_.place(node);
  const bool quoted = node.Tag() == "!";  // a quoted scalar begins behind its quote
  if (quoted) ++place.column;
  const std::string source = node.IsNull() ? "null" : node.Scalar();
  return compile(source, place, source.find('\n') == std::string::npos, known, wanted);
}

TextTemplate Loader::text(const YAML::Node& node, const Known& known) {
  if (!node.IsDefined()) return {};
  if (!node.IsScalar()) {
    document_.mistake(node, "must be a text");
    return {};
  }
  const std::string& source = node.Scalar();
  SourceLocation place = document_.place(node);
  if (node.Tag() == "!") ++place.column;
  std::vector<TextTemplate::Piece> pieces;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) pieces.push_back({.literal = std::exchange(literal, {}), .expression = {}});
  };
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if ((c == '{' || c == '}') && i + 1 < source.size() && source[i + 1] == c) {
      literal += c;
      ++i;
    } else if (c == '{') {
      const std::size_t end = source.find('}', i);
      SourceLocation inner = place;
      inner.column += static_cast<int>(i) + 1;
      if (end == std::string::npos) {
        document_.mistake(inner, "a brace is opened and not closed; write {{ for a brace itself");
        return {};
      }
      const bool path = source[i + 1] == '+';
      inner.column += path ? 1 : 0;
      const std::size_t begin = i + (path ? 2 : 1);
      flush();
      auto expression = compile(source.substr(begin, end - begin), inner, true, known, cel::Type::dyn());
      if (expression) pieces.push_back({.literal = {}, .expression = std::move(expression), .path = path});
      i = end;
    } else {
      literal += c;
    }
  }
  flush();
  return TextTemplate(std::move(pieces));
}

BodyTemplate Loader::tree(const YAML::Node& node, const Known& known) {
  BodyTemplate tree;
  if (node.IsMap() || node.IsSequence()) {
    tree.list = node.IsSequence();
    for (const auto& entry : node) {
      if (tree.list) {
        tree.members.push_back({.name = {}, .value = this->tree(entry, known)});
        continue;
      }
      std::string name = entry.first.Scalar();
      const bool optional = name.ends_with('?');
      if (optional) name.pop_back();
      tree.members.push_back(
          {.name = std::move(name), .optional = optional, .value = this->tree(entry.second, known)});
    }
    return tree;
  }
  tree.leaf = expression(node, known);
  return tree;
}

std::vector<std::pair<std::string, TextTemplate>> Loader::texts(const YAML::Node& node, const Known& known,
                                                                const std::string& what) {
  std::vector<std::pair<std::string, TextTemplate>> result;
  if (!node.IsDefined()) return result;
  if (!node.IsMap()) {
    document_.mistake(node, what + " must be a mapping of names to texts");
    return result;
  }
  for (const auto& entry : node) result.emplace_back(entry.first.Scalar(), text(entry.second, known));
  return result;
}

std::vector<ErrorRule> Loader::errors(const YAML::Node& node, Known known) {
  std::vector<ErrorRule> rules;
  if (!node.IsDefined()) return rules;
  if (!node.IsSequence()) {
    document_.mistake(node, "errors must be a list of rules {when: …, is: …}");
    return rules;
  }
  known = with_reply(std::move(known));
  for (const YAML::Node& item : node) {
    Mapping from(document_, item, "errors");
    auto when = expression(from.at("when", true), known, cel::Type::boolean());
    from.at("is", true);
    const auto is = from.choice("is", verdicts);
    auto message = expression(from.at("message"), known);
    auto wait = expression(from.at("wait"), known);
    const bool any_status = from.boolean("any-status").value_or(false);
    if (!when || !is) continue;
    const Verdict verdict = *is == 0 ? Verdict::done : *is == 1 ? Verdict::read_back : Verdict::failed;
    rules.push_back({.when = std::move(*when),
                     .verdict = verdict,
                     .kind = verdict_kinds[*is],
                     .message = std::move(message),
                     .wait = std::move(wait),
                     .any_status = any_status});
  }
  return rules;
}

Call Loader::call(Mapping& from, const Known& known) {
  Call call;
  call.place = document_.place(from.node());
  const YAML::Node request = from.at("request", true);
  if (request.IsDefined() && request.IsScalar()) {
    const std::string& source = request.Scalar();
    const std::size_t space = source.find(' ');
    call.method = source.substr(0, space);
    const std::size_t path = space == std::string::npos ? space : source.find_first_not_of(' ', space);
    if (std::find(methods.begin(), methods.end(), call.method) == methods.end() ||
        path == std::string::npos || (source[path] != '/' && source[path] != '{')) {
      document_.mistake(request, "a request is written like 'GET /users/{account.id}'");
    } else {
      call.path = text(request, known);
      // The text begins with the method, which is not part of the path.
      auto pieces = call.path.pieces();
      if (!pieces.empty()) pieces.front().literal.erase(0, path);
      call.path = TextTemplate(std::move(pieces));
    }
  } else if (request.IsDefined()) {
    document_.mistake(request, "a request is written like 'GET /users/{account.id}'");
  }
  call.query = texts(from.at("query"), known, "query");
  call.headers = texts(from.at("headers"), known, "headers");
  call.form = texts(from.at("form"), known, "form");
  const YAML::Node body = from.at("body");
  const YAML::Node add = from.at("set");
  if (body.IsDefined()) call.body = tree(body, known);
  if (add.IsDefined()) call.add = tree(add, known);
  if ((body.IsDefined() ? 1 : 0) + (add.IsDefined() ? 1 : 0) + (call.form.empty() ? 0 : 1) > 1) {
    document_.mistake(from.node(),
                      "only one of body (the whole body), set (added to what is written) and form");
  }
  call.wrap = from.text("wrap").value_or("");
  const YAML::Node replace = from.at("replace");
  call.replace_chosen = replace.IsDefined();
  if (replace.IsDefined() && replace.IsMap()) {
    Mapping how(document_, replace, "replace");
    call.replace = true;
    call.only = how.texts("only").value_or(std::vector<std::string>{});
    call.without = how.texts("without").value_or(std::vector<std::string>{});
  } else if (replace.IsDefined()) {
    call.replace = from.boolean("replace").value_or(false);
  }
  call.errors = errors(from.at("errors"), known);
  call.expect = expression(from.at("expect"), with_reply(known), cel::Type::boolean());
  call.expect_message = from.text("expect-message").value_or("");
  call.reads_fresh = uses(call, Variable::fresh) || uses(call, Variable::etag);
  call.reads_edge_id = any_expression(call, [](const cel::Program& program) {
    const auto read = program.fields(to_string(Variable::membership));
    return std::any_of(read.begin(), read.end(),
                       [](const std::string& field) { return field.empty() || field == "id"; });
  });
  return call;
}

std::vector<Call> Loader::calls(const YAML::Node& node, const Known& known, const std::string& what) {
  std::vector<Call> result;
  if (!node.IsDefined()) return result;
  const auto read = [&](const YAML::Node& one) {
    Mapping from(document_, one, what);
    result.push_back(call(from, known));
  };
  if (node.IsSequence()) {
    for (const YAML::Node& one : node) read(one);
  } else {
    read(node);
  }
  return result;
}

Paging Loader::paging(const YAML::Node& node, const Call& call) {
  Paging paging;
  if (!node.IsDefined()) return paging;
  const bool placed = uses(call, Variable::page);  // the position stands where the recipe says
  if (node.IsScalar() && node.Scalar() == "none") {
    if (placed) document_.mistake(node, "the call reads 'page', and there are no pages");
    return paging;
  }
  Mapping from(document_, node, "pages");
  from.at("by", true);
  const auto by = from.choice("by", paging_kinds);
  paging.by = static_cast<PagingKind>(by.value_or(0));
  const bool numbered = paging.by == PagingKind::offset || paging.by == PagingKind::page;
  const bool parameter = numbered || paging.by == PagingKind::cursor || paging.by == PagingKind::last_id;
  if (const auto name = from.text("parameter", parameter && !placed)) paging.parameter = *name;
  if (placed && !paging.parameter.empty())
    document_.mistake(from.at("parameter"),
                      "the call reads 'page': only one of both says where the position goes");
  paging.size_parameter = from.text("size-parameter").value_or("");
  paging.size = static_cast<std::size_t>(from.integer("size", 1).value_or(100));
  if (numbered) paging.first = from.integer("first", 0).value_or(paging.by == PagingKind::page ? 1 : 0);
  if (paging.by == PagingKind::next_link) paging.next = from.text("next", true).value_or("");
  if (paging.by == PagingKind::cursor) {
    paging.next = from.text("next").value_or("");
    paging.next_header = lower(from.text("next-header").value_or(""));
    if (paging.next.empty() == paging.next_header.empty()) {
      document_.mistake(node, "a cursor needs 'next' (where it stands in the reply) or 'next-header'");
    }
  }
  paging.more = from.text("more").value_or("");
  if (paging.by == PagingKind::page) paging.page_count = from.text("page-count").value_or("");
  paging.short_page_ends = from.boolean("short-page-ends").value_or(false);
  if (!numbered && paging.by != PagingKind::last_id)
    paging.empty_page_ends = from.boolean("empty-page-ends").value_or(false);
  paging.proof = paging.by == PagingKind::offset                                     ? PagingProof::overlap
                 : paging.by == PagingKind::none || paging.by == PagingKind::last_id ? PagingProof::none
                                                                                     : PagingProof::twice;
  if (const YAML::Node proof = from.at("proof"); proof.IsDefined() && proof.IsMap()) {
    Mapping none(document_, proof, "proof");
    paging.unproved = none.text("none", true).value_or("");
    paging.proof = PagingProof::none;
  } else if (const auto chosen = from.choice("proof", proofs)) {
    paging.proof = static_cast<PagingProof>(*chosen);
  }
  if (paging.proof == PagingProof::overlap && paging.by != PagingKind::offset)
    document_.mistake(from.at("proof"), "pages can overlap only by offset; otherwise 'twice'");
  return paging;
}

Listing Loader::listing(const YAML::Node& node, const Known& known, const std::string& what) {
  Mapping from(document_, node, what);
  return listing(from, known);
}

// A path in a reply, which some take for a template.
static std::string path_in(Mapping& from, const std::string& key) {
  std::string path = from.text(key).value_or("");
  if (path.find_first_of("{}") != std::string::npos) {
    from.document().mistake(from.at(key), "'" + key +
                                              "' is a path in the reply, like data.users: without braces, "
                                              "and without 'body'");
  }
  return path;
}

Listing Loader::listing(Mapping& from, const Known& known) {
  Listing listing;
  Known asking = known;
  asking.push_back(Variable::page);
  listing.call = call(from, asking);
  listing.items = path_in(from, "items");
  listing.items_optional = from.boolean("items-optional").value_or(false);
  if (const YAML::Node total = from.at("total"); total.IsDefined() && total.IsMap()) {
    Mapping count(document_, total, "total");
    listing.count = call(count, known);
    listing.total = count.text("at").value_or("");
  } else {
    listing.total = path_in(from, "total");
  }
  listing.total_header = lower(from.text("total-header").value_or(""));
  listing.paging = paging(from.at("pages", true), listing.call);
  listing.object = from.text("object").value_or("");
  listing.summary = from.boolean("summary").value_or(false);
  listing.active = from.boolean("active");
  return listing;
}

std::vector<Lookup> Loader::lookups(const YAML::Node& node, const Known& known, const std::string& what) {
  std::vector<Lookup> all;
  if (node.IsDefined() && node.IsSequence()) {
    for (const YAML::Node& one : node) {
      if (auto read = lookup(one, known, what)) all.push_back(std::move(*read));
    }
  } else if (auto read = lookup(node, known, what)) {
    all.push_back(std::move(*read));
  }
  return all;
}

std::optional<Lookup> Loader::lookup(const YAML::Node& node, const Known& known, const std::string& what) {
  if (!node.IsDefined()) return std::nullopt;
  Mapping from(document_, node, what);
  Lookup lookup;
  lookup.call = call(from, known);
  lookup.object = from.text("object").value_or("");
  if (const auto items = from.text("items")) {
    lookup.items = *items;
    lookup.list = true;
  }
  return lookup;
}

}  // namespace usher::recipe
