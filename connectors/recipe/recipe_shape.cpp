#include "connectors/recipe/recipe_shape.hpp"

#include <nlohmann/json.hpp>

#include "connectors/recipe/leaf_shapes.hpp"

namespace usher::recipe {

using Form = Shape::Form;

const Shape& option_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape type{.form = Form::choice,
                          .expects = "string, url, secret, integer, boolean, duration or path",
                          .choices = {"string", "url", "secret", "integer", "boolean", "duration", "path"}};
  static const Shape shape{
      .form = Form::object,
      .about = "An option that a platform of this kind is configured with.",
      .expects = "a map with about",
      .keys = {
          {.name = "type", .shape = &type, .about = "string unless given; a secret never reaches a message"},
          {.name = "about", .shape = &leaf.text, .required = true, .about = "what it is"},
          {.name = "required",
           .shape = &leaf.boolean,
           .about = "whether it must be given; false unless given"},
          {.name = "default", .shape = &leaf.text, .about = "what it is unless given"},
          {.name = "choices", .shape = &leaf.texts, .about = "the values there are; any unless given"}}};
  return shape;
}

const Shape& http_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "Address, headers and timeouts of every request.",
      .expects = "a map of base, headers and timeouts",
      .keys = {
          {.name = "base", .shape = &leaf.filled, .about = "the base address; the option url unless given"},
          {.name = "headers", .shape = &leaf.filled_map, .about = "headers that go with every request"},
          {.name = "read-timeout",
           .shape = &leaf.duration,
           .about = "the longest silence within a request; 30s unless given"},
          {.name = "total-timeout",
           .shape = &leaf.duration,
           .about = "the longest time a request may take; 2m unless given"}}};
  return shape;
}

const Shape& budget_shape() {
  static const Shape rate{.form = Form::number, .expects = "a number from 0 to 1000000", .most = most_rate};
  static const Shape at_once{
      .form = Form::integer, .expects = "a whole number from 1 to 256", .least = 1, .most = most_concurrency};
  static const Shape shape{
      .form = Form::object,
      .about = "How much the platform may be asked.",
      .expects = "a map of rate, burst and concurrency",
      .keys = {
          {.name = "rate", .shape = &rate, .about = "requests a second; 0, no limit, unless given"},
          {.name = "burst",
           .shape = &rate,
           .about = "requests at once after a pause; one second's worth unless given"},
          {.name = "concurrency", .shape = &at_once, .about = "requests under way at once; 8 unless given"}}};
  return shape;
}

const Shape& secrets_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape length{
      .form = Form::integer, .expects = "a whole number from 1 to 200", .least = 1, .most = 200};
  static const Shape shape{
      .form = Form::object,
      .about = "What the platform takes for a password that usher makes.",
      .expects = "a map of min, max and alphabet",
      .keys = {{.name = "min", .shape = &length, .about = "the fewest characters; 12 unless given"},
               {.name = "max", .shape = &length, .about = "the most characters; 256 unless given"},
               {.name = "alphabet",
                .shape = &leaf.text,
                .about = "the only characters it takes; all that can be printed unless given"}}};
  return shape;
}

namespace {

/// What it is a part of is the recipe's own shape, which holds this one: recipe_shape() says it in the end.
Shape& recipe_part() {
  static Shape part{.form = Form::part, .expects = "the part of a recipe that is different"};
  return part;
}

}  // namespace

const Shape& variant_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about =
          "A part that is laid over the recipe where a condition holds: maps are merged, anything else takes "
          "the place of what was there.",
      .expects = "a map with when and recipe",
      .keys = {{.name = "when", .shape = &leaf.code, .required = true, .about = "a condition over `config`"},
               {.name = "recipe", .shape = &recipe_part(), .required = true, .about = "what is laid over"}}};
  return shape;
}

const Shape& recipe_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape version{
      .form = Form::integer, .expects = "1, the version of this language", .least = 1, .most = 1};
  static const Shape options = [] {
    Shape made{.form = Form::object,
               .expects = "a map from names to options",
               .rest = &option_shape(),
               .rest_names = "[a-z0-9-]+",
               .hint = "an option's name is made of a-z, 0-9 and -",
               .never = {needs_name}};
    for (const Option& option : common_options()) made.never.push_back(option.name);
    return made;
  }();
  static const Shape entitlements{.form = Form::object,
                                  .expects = "a map from kinds to how they are read and written",
                                  .rest = &entitlement_shape()};
  static const Shape credentials{.form = Form::object,
                                 .expects = "a map from kinds to how they are renewed and revoked",
                                 .rest = &credential_shape()};
  static const Shape variants{
      .form = Form::list, .expects = "a list of {when: …, recipe: …}", .items = &variant_shape()};
  static const Shape shape{
      .form = Form::object,
      .about = "An HTTP platform with users, as data.",
      .expects = "a map with recipe, name, about, auth and user",
      .keys = {{.name = "recipe",
                .shape = &version,
                .required = true,
                .about = "the version of this language, 1"},
               {.name = "name",
                .shape = &leaf.text,
                .required = true,
                .about = "as in `connector: NAME`, and the file's name"},
               {.name = "about",
                .shape = &leaf.text,
                .required = true,
                .about = "what the platform is, in a sentence"},
               {.name = "documentation", .shape = &leaf.text, .about = "where the vendor describes the API"},
               {.name = "options",
                .shape = &options,
                .about = "what a platform of this kind is configured with"},
               {.name = "http", .shape = &http_shape(), .about = "address, headers and timeouts"},
               {.name = "budget", .shape = &budget_shape(), .about = "how much the platform may be asked"},
               {.name = "auth", .shape = &auth_shape(), .required = true, .about = "how to log in"},
               {.name = "errors", .shape = &errors_shape(), .about = "what replies mean, for all calls"},
               {.name = "user", .shape = &user_shape(), .required = true, .about = "the accounts"},
               {.name = "entitlements",
                .shape = &entitlements,
                .about = "groups, roles, profiles, and who has them"},
               {.name = "credentials",
                .shape = &credentials,
                .about = "passwords, tokens, sessions: listing, renewing, revoking"},
               {.name = "leaving",
                .shape = &leaf.texts,
                .about = "kinds of credentials that a leaver loses first"},
               {.name = "secrets",
                .shape = &secrets_shape(),
                .about = "what it takes for a password that usher makes"},
               {.name = "variants", .shape = &variants, .about = "parts that depend on options"}},
      .name = "recipe"};
  [[maybe_unused]] static const bool whole = (recipe_part().items = &shape) != nullptr;
  return shape;
}

std::string recipe_json_schema() {
  nlohmann::json schema = json_schema(recipe_shape(), "variants");
  schema["title"] = "usher recipe";
  return schema.dump(2) + "\n";
}

std::vector<ShapeSection> recipe_sections() {
  return sections_of(recipe_shape());
}

}  // namespace usher::recipe
