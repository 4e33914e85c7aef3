#include <algorithm>
#include <array>
#include <iterator>

#include "connectors/recipe/leaf_shapes.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "connectors/recipe/yaml.hpp"

namespace usher::recipe {

using Form = Shape::Form;

Shape with_keys_of(const Shape& base, const std::string& expects, std::vector<Key> more) {
  Shape made = base;
  made.about.clear();
  made.name.clear();
  made.expects = expects;
  made.like = &base;
  made.keys.insert(made.keys.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
  return made;
}

const Shape& error_shape() {
  static const Shape verdict{
      .form = Form::choice,
      .expects =
          "done, already-so, read-back, throttled, unavailable, conflict, gone, refused, denied, "
          "invalid or malformed",
      .choices = {"done", "read-back", "already-so", "throttled", "unavailable", "refused", "denied", "gone",
                  "conflict", "invalid", "malformed"}};
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about =
          "A rule of what a reply means; the first whose `when` holds decides. Without a rule: 401 is "
          "refused, 403 denied, 404 and 410 gone, 409, 412 and 423 conflict, 425 and 429 throttled, 408 "
          "and 5xx unavailable, everything else that is not 2xx invalid.",
      .expects = "a map with when and is",
      .keys = {{.name = "when",
                .shape = &leaf.code,
                .required = true,
                .about =
                    "condition over `status`, `headers` and `body`; one that cannot be evaluated does not "
                    "hold"},
               {.name = "is",
                .shape = &verdict,
                .required = true,
                .about = "what the reply means; read-back: nobody can tell, so the account is read"},
               {.name = "message", .shape = &leaf.expression, .about = "the sentence to show"},
               {.name = "wait",
                .shape = &leaf.expression,
                .about = "how many seconds later another try makes sense"},
               {.name = "any-status",
                .shape = &leaf.boolean,
                .about = "true: also asked of 2xx replies; false unless given"}},
      .name = "error-rule"};
  return shape;
}

const Shape& errors_shape() {
  static const Shape shape{.form = Form::list, .expects = "a list of rules", .items = &error_shape()};
  return shape;
}

const Shape& replace_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "The object is read first, what is written is changed in it, and it is sent.",
      .expects = "a map with only or without",
      .keys = {{.name = "only", .shape = &leaf.texts, .about = "paths that are sent; all unless given"},
               {.name = "without", .shape = &leaf.texts, .about = "paths that are left out"}},
      .name = "replace"};
  return shape;
}

const Shape& call_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape request{.form = Form::pattern,
                             .expects = "a method and a path, such as GET /users/{account.id}",
                             .pattern = "(GET|POST|PUT|PATCH|DELETE) +[/{][\\s\\S]*"};
  static const Shape replace{.form = Form::either,
                             .expects = "true, false or a map with only or without",
                             .alternatives = {&leaf.boolean, &replace_shape()}};
  static const Shape shape{
      .form = Form::object,
      .about =
          "One request. Without `body`, `set`, `form` and `replace` a create or an update sends the "
          "attributes it writes, each at its place; any other call sends no body.",
      .expects = "a call",
      .keys = {{.name = "request",
                .shape = &request,
                .required = true,
                .about = "the method, and the path behind the base address"},
               {.name = "query", .shape = &leaf.filled_map, .about = "the parameters of the query"},
               {.name = "headers",
                .shape = &leaf.filled_map,
                .about = "headers, which take the place of those usher sends itself"},
               {.name = "form",
                .shape = &leaf.filled_map,
                .about =
                    "a form instead of JSON; a name that ends with ? is left out when its value is empty"},
               {.name = "body", .shape = &leaf.body, .about = "the whole JSON body"},
               {.name = "set",
                .shape = &leaf.body,
                .about = "members that are added to the attributes that are written"},
               {.name = "wrap", .shape = &leaf.path, .about = "the path the body is put into"},
               {.name = "replace",
                .shape = &replace,
                .about = "true: what is sent is the object as just read, changed; false: a PUT changes only "
                         "what it is given"},
               {.name = "errors",
                .shape = &errors_shape(),
                .about = "what replies to this call mean, before the recipe's own `errors`"},
               {.name = "expect",
                .shape = &leaf.code,
                .about = "a condition that must hold of a reply that otherwise worked"},
               {.name = "expect-message", .shape = &leaf.text, .about = "what to say when it does not"}},
      .apart = {{"body", "set"}, {"body", "form"}, {"set", "form"}},
      .name = "call"};
  return shape;
}

const Shape& calls_shape() {
  static const Shape list{.form = Form::list, .expects = "a list of calls", .items = &call_shape()};
  static const Shape shape{.form = Form::either,
                           .expects = "a call or a list of calls, made one after another",
                           .alternatives = {&call_shape(), &list}};
  return shape;
}

const Shape& lookup_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape = [] {
    Shape made = with_keys_of(
        call_shape(), "a call",
        {{.name = "object",
          .shape = &leaf.path,
          .about = "where the account stands in the reply, or in an item of its list"},
         {.name = "items", .shape = &leaf.path, .about = "where the list stands when the reply is one"}});
    made.about = "A call that answers one account.";
    made.name = "lookup";
    return made;
  }();
  return shape;
}

const Shape& count_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape = [] {
    Shape made = with_keys_of(call_shape(), "a call with at",
                              {{.name = "at", .shape = &leaf.path, .about = "where the number stands"}});
    made.about = "A call that answers how many items there are.";
    made.name = "total";
    return made;
  }();
  return shape;
}

const Shape& no_proof_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{.form = Form::object,
                           .about = "Nothing has to be proved, and why.",
                           .expects = "{none: why}",
                           .keys = {{.name = "none",
                                     .shape = &leaf.text,
                                     .required = true,
                                     .about = "why nobody can slip between two pages"}},
                           .name = "no-proof"};
  return shape;
}

namespace {

constexpr std::array<std::string_view, 7> paging_names{"none",      "offset",      "page",   "cursor",
                                                       "next-link", "link-header", "last-id"};

}  // namespace

std::optional<PagingKind> paging_kind(std::string_view name) {
  const auto found = std::find(paging_names.begin(), paging_names.end(), name);
  if (found == paging_names.end()) return std::nullopt;
  return static_cast<PagingKind>(found - paging_names.begin());
}

const Shape& any_pages_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape by{.form = Form::choice,
                        .expects = "none, offset, page, cursor, next-link, link-header or last-id",
                        .choices = std::vector<std::string>(paging_names.begin(), paging_names.end())};
  static const Shape size{
      .form = Form::integer, .expects = "a whole number, at least 1", .least = 1, .most = largest_integer};
  static const Shape words{
      .form = Form::choice, .expects = "none, overlap or twice", .choices = {"none", "overlap", "twice"}};
  static const Shape proof{.form = Form::either,
                           .expects = "overlap, twice, none or {none: why}",
                           .alternatives = {&words, &no_proof_shape()}};
  static const Shape shape{
      .form = Form::object,
      .about = "How a listing goes on.",
      .expects = "a map with by",
      .keys =
          {{.name = "by", .shape = &by, .required = true, .about = "the way it goes on"},
           {.name = "proof",
            .shape = &proof,
            .about = "what shows that nobody slipped between two pages: each begins with the last item of "
                     "the one before (overlap, by offset only), or all is read twice; overlap by offset, "
                     "none by last id, else twice"},
           {.name = "parameter",
            .shape = &leaf.text,
            .about = "the query parameter of the position, where the call does not read `page`"},
           {.name = "size-parameter", .shape = &leaf.text, .about = "the query parameter of the page's size"},
           {.name = "size", .shape = &size, .about = "how many to ask for at once; 100 unless given"},
           {.name = "more",
            .shape = &leaf.path,
            .about = "where it stands whether there is more, true or false"},
           {.name = "short-page-ends",
            .shape = &leaf.boolean,
            .about = "true: a page with fewer items than asked for is the last; false unless given"}},
      .name = "pages"};
  return shape;
}

namespace {

/// The keys that only some ways of paging have.
std::vector<Key> keys_of(PagingKind by) {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape first{
      .form = Form::integer, .expects = "a whole number, at least 0", .most = largest_integer};
  std::vector<Key> keys;
  const bool numbered = by == PagingKind::offset || by == PagingKind::page;
  if (numbered)
    keys.push_back({.name = "first",
                    .shape = &first,
                    .about = by == PagingKind::page ? "number of the first page; 1 unless given"
                                                    : "number of the first item; 0 unless given"});
  if (by == PagingKind::page)
    keys.push_back({.name = "page-count", .shape = &leaf.path, .about = "where the number of pages stands"});
  if (by == PagingKind::next_link || by == PagingKind::cursor)
    keys.push_back({.name = "next",
                    .shape = &leaf.path,
                    .required = by == PagingKind::next_link,
                    .about = by == PagingKind::cursor
                                 ? "where the next cursor stands in the reply"
                                 : "where the URL of the next page stands in the reply"});
  if (by == PagingKind::cursor)
    keys.push_back(
        {.name = "next-header", .shape = &leaf.text, .about = "the header that holds the next cursor"});
  if (!numbered && by != PagingKind::last_id)
    keys.push_back({.name = "empty-page-ends",
                    .shape = &leaf.boolean,
                    .about = "true: an empty page is the last, whatever it names; false unless given"});
  return keys;
}

}  // namespace

const Shape& pages_shape(PagingKind by) {
  static const Shape no_overlap{
      .form = Form::choice, .expects = "none or twice", .choices = {"none", "twice"}};
  static const Shape proof{.form = Form::either,
                           .expects = "twice, none or {none: why}",
                           .alternatives = {&no_overlap, &no_proof_shape()}};
  static const std::array<Shape, paging_names.size()> ways = [] {
    std::array<Shape, paging_names.size()> made;
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = {.form = Form::choice,
                 .expects = std::string(paging_names[i]),
                 .choices = {std::string(paging_names[i])}};
    return made;
  }();
  static const std::array<Shape, paging_names.size()> shapes = [] {
    std::array<Shape, paging_names.size()> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto kind = static_cast<PagingKind>(i);
      made[i] =
          with_keys_of(any_pages_shape(), "a map with by: " + std::string(paging_names[i]), keys_of(kind));
      made[i].name = "pages-by-" + std::string(paging_names[i]);
      made[i].keys[0].shape = &ways[i];
      if (kind != PagingKind::offset) made[i].keys[1].shape = &proof;
      if (kind == PagingKind::cursor) made[i].one_of = {"next", "next-header"};
    }
    return made;
  }();
  return shapes[static_cast<std::size_t>(by)];
}

const Shape& pages_shape() {
  static const Shape none{.form = Form::choice, .expects = "none", .choices = {"none"}};
  static const Shape shape = [] {
    Shape made{.form = Form::either,
               .expects = "none, or a map with by: offset, page, cursor, next-link, link-header or last-id",
               .alternatives = {&none}};
    for (std::size_t i = 0; i < paging_names.size(); ++i)
      made.alternatives.push_back(&pages_shape(static_cast<PagingKind>(i)));
    return made;
  }();
  return shape;
}

const Shape& listing_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape total{.form = Form::either,
                           .expects = "a path in JSON, or a call with at",
                           .alternatives = {&leaf.path, &count_shape()}};
  static const Shape shape = [] {
    Shape made = with_keys_of(
        call_shape(), "a listing",
        {{.name = "items",
          .shape = &leaf.path,
          .about = "where the list stands; the reply itself unless given"},
         {.name = "items-optional",
          .shape = &leaf.boolean,
          .about = "true: a reply without the list is an empty page; false unless given"},
         {.name = "object",
          .shape = &leaf.path,
          .about = "of accounts: where the account stands in an item; the item itself unless given"},
         {.name = "pages", .shape = &pages_shape(), .required = true, .about = "how the listing goes on"},
         {.name = "total",
          .shape = &total,
          .about = "where the number of all items stands, or a call for it"},
         {.name = "total-header",
          .shape = &leaf.text,
          .about = "the header that holds the number of all items"},
         {.name = "summary",
          .shape = &leaf.boolean,
          .about = "of accounts: true: items show a part, and each is read with `get`; false unless given"},
         {.name = "active",
          .shape = &leaf.boolean,
          .about = "of accounts: whether all items are active; by the rule `user.active` unless given"}});
    made.about = "A call that lists, page after page.";
    made.name = "listing";
    return made;
  }();
  return shape;
}

}  // namespace usher::recipe
