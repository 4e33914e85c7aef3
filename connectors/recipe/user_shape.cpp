#include "connectors/recipe/leaf_shapes.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "connectors/recipe/yaml.hpp"

namespace usher::recipe {

using Form = Shape::Form;

const Shape& active_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "How one tells an active account.",
      .expects = "a map with at, and is or unless",
      .keys = {{.name = "at", .shape = &leaf.path, .required = true, .about = "where it stands"},
               {.name = "is",
                .shape = &leaf.any,
                .about =
                    "the value, or a list of those, that an active account has there; null: it is not there"},
               {.name = "unless",
                .shape = &leaf.any,
                .about = "the value, or a list of those, that an inactive account has there"}},
      .one_of = {"is", "unless"}};
  return shape;
}

const Shape& attribute_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape type{
      .form = Form::choice,
      .expects = "string, integer, number, boolean, list, set, object or timestamp",
      .choices = {"string", "integer", "number", "boolean", "list", "set", "object", "timestamp"}};
  static const Shape way{
      .form = Form::choice, .expects = "trim, lower or nfc", .choices = {"trim", "lower", "nfc"}};
  static const Shape ways{.form = Form::list, .expects = "a list of trim, lower and nfc", .items = &way};
  static const Shape normalise{
      .form = Form::either, .expects = "trim, lower, nfc or a list of them", .alternatives = {&way, &ways}};
  static const Shape length{
      .form = Form::integer, .expects = "a whole number, at least 1", .least = 1, .most = largest_integer};
  static const Shape shape{
      .form = Form::object,
      .about = "An attribute of an account.",
      .expects = "a map of properties; {} where there are none",
      .keys = {
          {.name = "type",
           .shape = &type,
           .about = "string unless given; the order of a set does not matter"},
          {.name = "about", .shape = &leaf.text, .about = "what it is"},
          {.name = "required", .shape = &leaf.boolean, .about = "a create needs it; false unless given"},
          {.name = "creatable", .shape = &leaf.boolean, .about = "a create may give it; true unless given"},
          {.name = "readable",
           .shape = &leaf.boolean,
           .about = "pulls answer it; false: it is compared with what usher wrote last; true unless given"},
          {.name = "clearable",
           .shape = &leaf.boolean,
           .about = "emptying it really empties it; true unless given"},
          {.name = "secret",
           .shape = &leaf.boolean,
           .about = "never stored, compared or shown; false unless given"},
          {.name = "unique",
           .shape = &leaf.boolean,
           .about = "no two accounts have the same; false unless given, but for the key"},
          {.name = "normalise", .shape = &normalise, .about = "what the platform does to texts"},
          {.name = "max-length", .shape = &length, .about = "the most characters it takes"},
          {.name = "pattern",
           .shape = &leaf.text,
           .about = "a regular expression (RE2) that a text must match as a whole"},
          {.name = "read",
           .shape = &leaf.texts,
           .about = "where it stands in what is read: a path, or several of which the first that holds "
                    "something counts; its own path unless given"},
          {.name = "write",
           .shape = &leaf.path,
           .about = "where it stands in bodies; its own path unless given"},
          {.name = "write-as",
           .shape = &leaf.expression,
           .about = "what is written there, over `value` and `config`; the value unless given"},
          {.name = "empty", .shape = &leaf.any, .about = "what is written to empty it; null unless given"}}};
  return shape;
}

const Shape& create_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape = [] {
    Shape made = with_keys_of(
        call_shape(), "a call",
        {{.name = "object",
          .shape = &leaf.path,
          .about = "where the new account stands in the reply; the reply itself unless given"},
         {.name = "id",
          .shape = &leaf.path,
          .about =
              "where the new id stands in it; `user.id` unless given, then the Location header, then `find`"},
         {.name = "secret", .shape = &leaf.path, .about = "where the first secret goes in the body"},
         {.name = "then",
          .shape = &calls_shape(),
          .about = "calls that make the new account whole, one after another"},
         {.name = "disabled",
          .shape = &leaf.boolean,
          .about = "accounts can be created disabled: the call heeds `active`; false unless given"},
         {.name = "gives",
          .shape = &leaf.texts,
          .about = "kinds of entitlements whose memberships the call carries, as `given`"},
         {.name = "answers",
          .shape = &leaf.path,
          .about = "where the secret stands in the reply when the platform makes it"},
         {.name = "ask",
          .shape = &call_shape(),
          .about = "the call whose reply holds that secret",
          .with = "answers"},
         {.name = "session-proven-within",
          .shape = &leaf.duration,
          .about = "so recently a reading call must have worked, else `self` is asked first"},
         {.name = "lag",
          .shape = &leaf.duration,
          .about = "so long after a create neither listing nor search need show the account"}});
    made.about = "The call that makes an account.";
    made.apart.emplace_back("secret", "answers");
    return made;
  }();
  return shape;
}

const Shape& route_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape = [] {
    Shape made = with_keys_of(call_shape(), "a call with attributes",
                              {{.name = "attributes",
                                .shape = &leaf.texts,
                                .required = true,
                                .about = "the attributes this call writes; each has at most one such call"}});
    made.about = "A call that changes attributes.";
    return made;
  }();
  return shape;
}

const Shape& credential_step_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "A step of locking or unlocking that is about a kind of credential.",
      .expects = "{revoke: KIND} or {rotate: KIND}",
      .keys = {{.name = "revoke", .shape = &leaf.text, .about = "the kind of which every one is revoked"},
               {.name = "rotate", .shape = &leaf.text, .about = "the kind of which a new one is made"}},
      .one_of = {"revoke", "rotate"},
      .name = "credential-step"};
  return shape;
}

const Shape& steps_shape() {
  static const Shape step{.form = Form::either,
                          .expects = "a call, {revoke: KIND} or {rotate: KIND}",
                          .alternatives = {&credential_step_shape(), &call_shape()}};
  static const Shape list{.form = Form::list, .expects = "a list of steps", .items = &step};
  static const Shape shape{.form = Form::either,
                           .expects = "a step (a call, {revoke: KIND} or {rotate: KIND}) or a list of steps",
                           .alternatives = {&credential_step_shape(), &call_shape(), &list}};
  return shape;
}

const Shape& lock_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "A lock that is more than its steps.",
      .expects = "a map with steps",
      .keys = {
          {.name = "steps", .shape = &steps_shape(), .required = true, .about = "what is done, in the end"},
          {.name = "takes",
           .shape = &leaf.texts,
           .about = "kinds of entitlements of which a locked account keeps no membership"},
          {.name = "set", .shape = &leaf.values, .about = "what is written before the steps"},
          {.name = "shows", .shape = &leaf.values, .about = "by which one can tell a locked account"}}};
  return shape;
}

const Shape& user_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape attributes{.form = Form::object,
                                .expects = "a map from paths to properties",
                                .rest = &attribute_shape(),
                                .rest_names = R"([^.\x00-\x1f"\\]+(\.[^.\x00-\x1f"\\]+)*)",
                                .hint = "an attribute's name is a path, with dots between names"};
  static const Shape listings{.form = Form::list, .expects = "a list of listings", .items = &listing_shape()};
  static const Shape list{.form = Form::either,
                          .expects = "a listing or a list of listings",
                          .alternatives = {&listing_shape(), &listings}};
  static const Shape lookups{.form = Form::list, .expects = "a list of calls", .items = &lookup_shape()};
  static const Shape find{.form = Form::either,
                          .expects = "a call or a list of calls",
                          .alternatives = {&lookup_shape(), &lookups}};
  static const Shape self{.form = Form::either,
                          .expects = "a call, or a text with expressions in braces",
                          .alternatives = {&leaf.filled, &lookup_shape()}};
  static const Shape routes{
      .form = Form::object, .expects = "a map from names to calls with attributes", .rest = &route_shape()};
  static const Shape lock{.form = Form::either,
                          .expects = "a step, a list of steps, or a map with steps",
                          .alternatives = {&lock_shape(), &credential_step_shape(), &call_shape(),
                                           steps_shape().alternatives.back()}};
  static const Shape omitted{
      .form = Form::choice, .expects = "pending or disabled", .choices = {"pending", "disabled"}};
  static const Shape omitted_list{.form = Form::list, .expects = "a list of them", .items = &omitted};
  static const Shape omits{.form = Form::either,
                           .expects = "pending, disabled or a list of both",
                           .alternatives = {&omitted, &omitted_list}};
  static const Shape shape{
      .form = Form::object,
      .about =
          "The accounts: how they are read and written. What is missing cannot be done, and the plan says "
          "so.",
      .expects = "a map with attributes and list",
      .keys = {
          {.name = "id", .shape = &leaf.path, .about = "where the immutable id stands; `id` unless given"},
          {.name = "key", .shape = &leaf.text, .about = "the attribute that is unique on the platform"},
          {.name = "label",
           .shape = &leaf.text,
           .about = "the attribute a person recognises an account by; the key unless given"},
          {.name = "active",
           .shape = &active_shape(),
           .about = "how one tells an active account; all are unless given"},
          {.name = "attributes", .shape = &attributes, .required = true, .about = "what accounts have"},
          {.name = "list",
           .shape = &list,
           .required = true,
           .about = "the listing, or the listings that together hold everybody"},
          {.name = "get", .shape = &lookup_shape(), .about = "the call that answers one account by its id"},
          {.name = "find",
           .shape = &find,
           .about = "calls that answer the account of a key, asked until one does",
           .with = "key"},
          {.name = "self",
           .shape = &self,
           .about = "the call that answers the account usher works as, or its id; it is never harmed"},
          {.name = "create", .shape = &create_shape(), .about = "how accounts are made"},
          {.name = "update", .shape = &routes, .about = "how attributes are changed, call by call"},
          {.name = "enable", .shape = &calls_shape(), .about = "how accounts are enabled"},
          {.name = "disable", .shape = &calls_shape(), .about = "how accounts are disabled"},
          {.name = "lock",
           .shape = &lock,
           .about = "how the use of an account is taken away where it cannot be disabled"},
          {.name = "unlock", .shape = &steps_shape(), .about = "how it is given back", .with = "lock"},
          {.name = "delete", .shape = &calls_shape(), .about = "how accounts are deleted"},
          {.name = "permanent",
           .shape = &leaf.boolean,
           .about = "accounts cannot be deleted, by nobody and in no way; false unless given"},
          {.name = "updates-need-active",
           .shape = &leaf.boolean,
           .about = "a disabled account is enabled before it is changed; false unless given"},
          {.name = "sees-everything",
           .shape = &call_shape(),
           .about = "a call that works if the account usher works as is shown everybody"},
          {.name = "omits", .shape = &omits, .about = "accounts that exist and that no listing shows"}}};
  return shape;
}

}  // namespace usher::recipe
