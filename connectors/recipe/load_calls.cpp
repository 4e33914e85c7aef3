#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/recipe_shape.hpp"

namespace usher::recipe {
namespace {

const std::vector<std::string> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
// Of the choices that error_shape() has for `is`, in the same order.
const std::vector<FailureKind> verdict_kinds{
    FailureKind::invalid,     FailureKind::invalid, FailureKind::already_so, FailureKind::throttled,
    FailureKind::unavailable, FailureKind::refused, FailureKind::denied,     FailureKind::gone,
    FailureKind::conflict,    FailureKind::invalid, FailureKind::malformed};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

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

std::optional<Expression> Loader::expression(const Node& node, const Known& known, const cel::Type& wanted) {
  if (!is_given(node)) return std::nullopt;
  if (!node.is_scalar() && node.kind != Node::Kind::empty) {
    document_.mistake(node, "an expression must be a text");
    return std::nullopt;
  }
  if (node.kind == Node::Kind::empty && !wanted.is_dyn()) {
    document_.mistake(node, "an expression must be a text, not empty");
    return std::nullopt;
  }
  SourceLocation place = node.place;
  const bool quoted = node.is_scalar() && !node.plain;  // a quoted scalar begins behind its quote
  if (quoted) ++place.column;
  const std::string source = node.kind == Node::Kind::empty ? "null" : node.text;
  return compile(source, place, source.find('\n') == std::string::npos, known, wanted);
}

TextTemplate Loader::text(const Node& node, const Known& known) {
  if (!is_given(node)) return {};
  if (!node.is_scalar()) {
    document_.mistake(node, "must be a text");
    return {};
  }
  const std::string& source = node.text;
  SourceLocation place = node.place;
  if (!node.plain) ++place.column;
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

BodyTemplate Loader::tree(const Node& node, const Known& known) {
  BodyTemplate tree;
  if (node.is_map() || node.is_list()) {
    tree.list = node.is_list();
    for (const Node& item : node.items)
      tree.members.push_back({.name = {}, .value = this->tree(item, known)});
    for (const Entry& entry : node.entries) {
      std::string name = entry.key.text;
      const bool optional = name.ends_with('?');
      if (optional) name.pop_back();
      tree.members.push_back(
          {.name = std::move(name), .optional = optional, .value = this->tree(entry.value, known)});
    }
    return tree;
  }
  tree.leaf = expression(node, known);
  return tree;
}

std::vector<std::pair<std::string, TextTemplate>> Loader::texts(const Node& node, const Known& known,
                                                                const std::string& what) {
  std::vector<std::pair<std::string, TextTemplate>> result;
  if (!is_given(node)) return result;
  if (!node.is_map()) {
    document_.mistake(node, what + " must be a mapping of names to texts");
    return result;
  }
  for (const Entry& entry : node.entries) result.emplace_back(entry.key.text, text(entry.value, known));
  return result;
}

std::vector<ErrorRule> Loader::errors(const Node& node, Known known) {
  std::vector<ErrorRule> rules;
  if (!is_given(node)) return rules;
  if (!node.is_list()) {
    document_.mistake(node, "errors must be a list of rules {when: …, is: …}");
    return rules;
  }
  known = with_reply(std::move(known));
  for (const Node& item : node.items) {
    Mapping from(document_, item, "errors", error_shape());
    auto when = expression(from.at("when"), known, cel::Type::boolean());
    const auto is = from.choice("is");
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
  call.place = from.node().place;
  const Node& request = from.at("request");
  if (is_given(request) && request.is_scalar()) {
    const std::string& source = request.text;
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
  } else if (is_given(request)) {
    document_.mistake(request, "a request is written like 'GET /users/{account.id}'");
  }
  call.query = texts(from.at("query"), known, "query");
  call.headers = texts(from.at("headers"), known, "headers");
  call.form = texts(from.at("form"), known, "form");
  const Node& body = from.at("body");
  const Node& add = from.at("set");
  if (is_given(body)) call.body = tree(body, known);
  if (is_given(add)) call.add = tree(add, known);
  if ((is_given(body) ? 1 : 0) + (is_given(add) ? 1 : 0) + (call.form.empty() ? 0 : 1) > 1) {
    document_.mistake(from.node(),
                      "only one of body (the whole body), set (added to what is written) and form");
  }
  call.wrap = from.text("wrap").value_or("");
  const Node& replace = from.at("replace");
  call.replace_chosen = is_given(replace);
  if (is_given(replace) && replace.is_map()) {
    Mapping how(document_, replace, "replace", replace_shape());
    call.replace = true;
    call.only = how.texts("only").value_or(std::vector<std::string>{});
    call.without = how.texts("without").value_or(std::vector<std::string>{});
  } else if (is_given(replace)) {
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

std::vector<Call> Loader::calls(const Node& node, const Known& known, const std::string& what) {
  std::vector<Call> result;
  if (!is_given(node)) return result;
  const auto read = [&](const Node& one) {
    Mapping from(document_, one, what, call_shape());
    result.push_back(call(from, known));
  };
  if (node.is_list()) {
    for (const Node& one : node.items) read(one);
  } else {
    read(node);
  }
  return result;
}

Paging Loader::paging(const Node& node, const Call& call) {
  Paging paging;
  if (!is_given(node)) return paging;
  const bool placed = uses(call, Variable::page);  // the position stands where the recipe says
  if (node.is_scalar() && node.text == "none") {
    if (placed) document_.mistake(node, "the call reads 'page', and there are no pages");
    return paging;
  }
  const Node* way = node.find("by");
  const auto by = paging_kind(way != nullptr && way->is_scalar() ? way->text : "");
  Mapping from(document_, node, "pages", by ? pages_shape(*by) : any_pages_shape());
  if (!by) {
    from.choice("by");
    return paging;
  }
  paging.by = *by;
  const bool numbered = paging.by == PagingKind::offset || paging.by == PagingKind::page;
  const bool parameter = numbered || paging.by == PagingKind::cursor || paging.by == PagingKind::last_id;
  const auto name = from.text("parameter");
  if (name) paging.parameter = *name;
  if (parameter && !placed && !is_given(from.at("parameter")))
    document_.mistake(node, "pages needs 'parameter'");
  if (placed && !paging.parameter.empty())
    document_.mistake(from.at("parameter"),
                      "the call reads 'page': only one of both says where the position goes");
  paging.size_parameter = from.text("size-parameter").value_or("");
  paging.size = static_cast<std::size_t>(from.integer("size").value_or(100));
  if (numbered) paging.first = from.integer("first").value_or(paging.by == PagingKind::page ? 1 : 0);
  if (paging.by == PagingKind::next_link) paging.next = from.text("next").value_or("");
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
  const Node& proof = from.at("proof");
  if (is_given(proof) && proof.is_map()) {
    Mapping none(document_, proof, "proof", no_proof_shape());
    paging.unproved = none.text("none").value_or("");
    paging.proof = PagingProof::none;
  } else if (proof.is_scalar() && proof.text == "overlap" && paging.by != PagingKind::offset) {
    document_.mistake(proof, "pages can overlap only by offset; otherwise 'twice'");
  } else if (from.choice("proof")) {
    paging.proof = proof.text == "none"      ? PagingProof::none
                   : proof.text == "overlap" ? PagingProof::overlap
                                             : PagingProof::twice;
  }
  return paging;
}

Listing Loader::listing(const Node& node, const Known& known, const std::string& what) {
  Mapping from(document_, node, what, listing_shape());
  return listing(from, known);
}

Listing Loader::listing(Mapping& from, const Known& known) {
  Listing listing;
  Known asking = known;
  asking.push_back(Variable::page);
  listing.call = call(from, asking);
  listing.items = from.path("items").value_or("");
  listing.items_optional = from.boolean("items-optional").value_or(false);
  if (const Node& total = from.at("total"); is_given(total) && total.is_map()) {
    Mapping count(document_, total, "total", count_shape());
    listing.count = call(count, known);
    listing.total = count.text("at").value_or("");
  } else {
    listing.total = from.path("total").value_or("");
  }
  listing.total_header = lower(from.text("total-header").value_or(""));
  listing.paging = paging(from.at("pages"), listing.call);
  listing.object = from.path("object").value_or("");
  listing.summary = from.boolean("summary").value_or(false);
  listing.active = from.boolean("active");
  return listing;
}

std::vector<Lookup> Loader::lookups(const Node& node, const Known& known, const std::string& what) {
  std::vector<Lookup> all;
  if (is_given(node) && node.is_list()) {
    for (const Node& one : node.items) {
      if (auto read = lookup(one, known, what)) all.push_back(std::move(*read));
    }
  } else if (auto read = lookup(node, known, what)) {
    all.push_back(std::move(*read));
  }
  return all;
}

std::optional<Lookup> Loader::lookup(const Node& node, const Known& known, const std::string& what) {
  if (!is_given(node)) return std::nullopt;
  Mapping from(document_, node, what, lookup_shape());
  Lookup lookup;
  lookup.call = call(from, known);
  lookup.object = from.path("object").value_or("");
  if (const auto items = from.path("items")) {
    lookup.items = *items;
    lookup.list = true;
  }
  return lookup;
}

}  // namespace usher::recipe
