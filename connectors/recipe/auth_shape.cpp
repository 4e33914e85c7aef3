#include "connectors/recipe/leaf_shapes.hpp"
#include "connectors/recipe/recipe_shape.hpp"

namespace usher::recipe {

using Form = Shape::Form;

const Shape& basic_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "HTTP's own way to log in, with every request.",
      .expects = "a map with user and password",
      .keys = {{.name = "user", .shape = &leaf.filled, .required = true, .about = "the login"},
               {.name = "password", .shape = &leaf.filled, .required = true, .about = "its password"}}};
  return shape;
}

const Shape& session_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about =
          "A login whose reply holds a token; it is renewed before the token lapses, and once when the "
          "platform says that it has.",
      .expects = "a map with login, and token or token-header",
      .keys =
          {{.name = "login", .shape = &call_shape(), .required = true, .about = "the call that logs in"},
           {.name = "refresh",
            .shape = &call_shape(),
            .about = "the call that renews; a new login unless given"},
           {.name = "token", .shape = &leaf.path, .about = "where the token stands in the reply"},
           {.name = "token-header", .shape = &leaf.text, .about = "the header that holds the token"},
           {.name = "refresh-token", .shape = &leaf.path, .about = "where the token for `refresh` stands"},
           {.name = "expires-in",
            .shape = &leaf.path,
            .about = "where the seconds stand that the token is good for; else its own `exp`, else `life`"},
           {.name = "life",
            .shape = &leaf.duration,
            .about = "how long a token is good when nothing says so"},
           {.name = "refresh-on",
            .shape = &leaf.texts,
            .about = "statuses that mean the token is not good any more; 401 unless given"},
           {.name = "headers",
            .shape = &leaf.filled_map,
            .about = "headers of every request; Authorization: Bearer {token} unless given"}},
      .one_of = {"token", "token-header"}};
  return shape;
}

const Shape& oauth2_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape place{.form = Form::choice, .expects = "header or body", .choices = {"header", "body"}};
  static const Shape shape{
      .form = Form::object,
      .about = "OAuth 2 client credentials.",
      .expects = "a map with token-path, client-id and client-secret",
      .keys = {
          {.name = "token-path", .shape = &leaf.filled, .required = true, .about = "where tokens are given"},
          {.name = "client-in",
           .shape = &place,
           .about = "where the client's id and secret go; header unless given"},
          {.name = "client-id", .shape = &leaf.filled, .required = true, .about = "the client's id"},
          {.name = "client-secret", .shape = &leaf.filled, .required = true, .about = "the client's secret"},
          {.name = "scope", .shape = &leaf.filled, .about = "the scope that is asked for"},
          {.name = "audience", .shape = &leaf.filled, .about = "the audience that is asked for"}}};
  return shape;
}

const Shape& method_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "A way to log in.",
      .expects = "a map with basic, bearer, headers, session or oauth2",
      .keys = {{.name = "when",
                .shape = &leaf.code,
                .about =
                    "a condition over `config`; of a list of ways the first whose condition holds counts"},
               {.name = "basic", .shape = &basic_shape()},
               {.name = "bearer",
                .shape = &leaf.filled,
                .about = "a token that is sent as Authorization: Bearer"},
               {.name = "headers",
                .shape = &leaf.filled_map,
                .about = "headers that are sent with every request"},
               {.name = "session", .shape = &session_shape()},
               {.name = "oauth2", .shape = &oauth2_shape()}},
      .one_of = {"basic", "bearer", "headers", "session", "oauth2"}};
  return shape;
}

const Shape& auth_shape() {
  static const Shape none{.form = Form::choice, .expects = "none", .choices = {"none"}};
  static const Shape one{
      .form = Form::either, .expects = "none or a way to log in", .alternatives = {&none, &method_shape()}};
  static const Shape list{.form = Form::list, .expects = "a list of ways to log in", .items = &one};
  static const Shape shape{.form = Form::either,
                           .expects = "none, a way to log in, or a list of them",
                           .alternatives = {&none, &method_shape(), &list}};
  return shape;
}

}  // namespace usher::recipe
