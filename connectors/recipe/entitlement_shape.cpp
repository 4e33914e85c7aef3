#include "connectors/recipe/leaf_shapes.hpp"
#include "connectors/recipe/recipe_shape.hpp"

namespace usher::recipe {

using Form = Shape::Form;

namespace {

std::vector<Key> filter_keys() {
  static const LeafShapes& leaf = LeafShapes::all();
  return {{.name = "only",
           .shape = &leaf.filter,
           .about = "which items count: the texts that stand at these paths"},
          {.name = "except", .shape = &leaf.filter, .about = "which items do not count"}};
}

/// What an edge between an account and an entitlement holds beside both.
std::vector<Key> edge_keys() {
  static const LeafShapes& leaf = LeafShapes::all();
  return {
      {.name = "details", .shape = &leaf.path, .about = "where the details of a membership stand in an item"},
      {.name = "id", .shape = &leaf.path, .about = "where the membership's own id stands in an item"}};
}

std::vector<Key> joined(std::vector<Key> keys, const std::vector<Key>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

}  // namespace

const Shape& managed_listing_shape() {
  static const Shape shape = [] {
    Shape made = with_keys_of(listing_shape(), "a listing", filter_keys());
    made.about = "The listing of all entitlements of a kind; those that do not count are nobody's business.";
    return made;
  }();
  return shape;
}

const Shape& own_listing_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape = [] {
    Shape made = with_keys_of(listing_shape(), "a listing",
                              joined({{.name = "entitlement",
                                       .shape = &leaf.path,
                                       .about = "where the entitlement's id stands in an item"}},
                                     edge_keys()));
    made.about = "The listing of one account's memberships.";
    made.name = "of-user";
    return made;
  }();
  return shape;
}

const Shape& memberships_of_user_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "Memberships that stand in the account.",
      .expects = "a map with field",
      .keys = joined(
          joined({{.name = "field",
                   .shape = &leaf.path,
                   .required = true,
                   .about = "where the list stands in an account"},
                  {.name = "entitlement",
                   .shape = &leaf.path,
                   .about = "where the entitlement's id stands in an item; the item itself unless given"}},
                 edge_keys()),
          filter_keys()),
      .name = "memberships-in-account"};
  return shape;
}

namespace {

/// Memberships in a listing of their own, or per group or account, where the other one of both is known.
Shape listed_memberships(bool per) {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape way{.form = Form::choice, .expects = "group or user", .choices = {"group", "user"}};
  std::vector<Key> keys{{.name = "list",
                         .shape = &listing_shape(),
                         .required = true,
                         .about = per ? "the listing, which reads `entitlement` or `account`"
                                      : "the listing of all memberships"},
                        {.name = "account",
                         .shape = &leaf.path,
                         .required = !per,
                         .about = "where the account's id stands in an item"},
                        {.name = "entitlement",
                         .shape = &leaf.path,
                         .required = !per,
                         .about = "where the entitlement's id stands in an item"},
                        {.name = "of-user",
                         .shape = &own_listing_shape(),
                         .about = "the listing of one account's memberships, by which it is read back"}};
  if (per)
    keys.insert(keys.begin(),
                {.name = "per",
                 .shape = &way,
                 .required = true,
                 .about = "group: one listing for each entitlement; user: one for each account"});
  return {.form = Form::object,
          .about = per ? "Memberships that are listed for each group or account."
                       : "Memberships that stand in a listing of their own.",
          .expects = per ? "a map with per and list" : "a map with list, account and entitlement",
          .keys = joined(joined(std::move(keys), edge_keys()), filter_keys()),
          .name = per ? "memberships-per" : "memberships-listed"};
}

}  // namespace

const Shape& memberships_listed_shape() {
  static const Shape shape = listed_memberships(false);
  return shape;
}

const Shape& memberships_per_shape() {
  static const Shape shape = listed_memberships(true);
  return shape;
}

const Shape& memberships_shape() {
  static const Shape shape{
      .form = Form::either,
      .expects = "a map with field; with per and list; or with list, account and entitlement",
      .alternatives = {&memberships_of_user_shape(), &memberships_per_shape(), &memberships_listed_shape()}};
  return shape;
}

const Shape& batch_shape() {
  static const Shape most{
      .form = Form::integer, .expects = "a whole number from 1 to 10000", .least = 1, .most = 10'000};
  static const Shape shape{
      .form = Form::object,
      .about = "Several accounts in one request: `add` and `remove` read `members`.",
      .expects = "{max: NUMBER}",
      .keys = {{.name = "max", .shape = &most, .required = true, .about = "how many at most"}}};
  return shape;
}

const Shape& entitlement_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "A kind of entitlement: groups, roles, profiles.",
      .expects = "a map with memberships",
      .keys =
          {{.name = "about", .shape = &leaf.text, .about = "what it is"},
           {.name = "list",
            .shape = &managed_listing_shape(),
            .about = "the listing of all of this kind; without it rules name them by id"},
           {.name = "id", .shape = &leaf.path, .about = "where the id stands in an item; `id` unless given"},
           {.name = "name",
            .shape = &leaf.path,
            .about = "where the name stands in an item; `name` unless given"},
           {.name = "scope",
            .shape = &leaf.path,
            .about = "where it stands in an item what tells two of one name apart"},
           {.name = "memberships",
            .shape = &memberships_shape(),
            .required = true,
            .about = "who is in them"},
           {.name = "batch", .shape = &batch_shape()},
           {.name = "add", .shape = &call_shape(), .about = "how a membership is added"},
           {.name = "change",
            .shape = &call_shape(),
            .about = "how the details of a membership are replaced"},
           {.name = "remove", .shape = &call_shape(), .about = "how a membership is removed"},
           {.name = "set",
            .shape = &call_shape(),
            .about = "the call that sets all memberships of an account, in place of `add` and `remove`"},
           {.name = "add-before-remove",
            .shape = &leaf.boolean,
            .about = "new memberships come first; true unless given"},
           {.name = "allowed",
            .shape = &call_shape(),
            .about = "a call that works if the account usher works as may change who is in one"},
           {.name = "keeps-last",
            .shape = &leaf.boolean,
            .about = "the last membership of an account is never taken; false unless given"},
           {.name = "parallel",
            .shape = &leaf.boolean,
            .about = "requests that change one of these at the same time lose nothing; false unless given"},
           {.name = "details", .shape = &leaf.texts, .about = "the details a membership can have"},
           {.name = "default-details", .shape = &leaf.texts, .about = "what a rule that names none means"},
           {.name = "closure",
            .shape = &leaf.code,
            .about = "the details the platform makes of `details`; these unless given"}},
      .apart = {{"set", "add"}, {"set", "remove"}, {"set", "batch"}}};
  return shape;
}

const Shape& credential_shape() {
  static const LeafShapes& leaf = LeafShapes::all();
  static const Shape shape{
      .form = Form::object,
      .about = "A kind of credential: passwords, tokens, sessions.",
      .expects = "a map with list, rotate or revoke",
      .keys =
          {{.name = "about", .shape = &leaf.text, .about = "what it is"},
           {.name = "own",
            .shape = &leaf.boolean,
            .about = "it is of the account usher itself works as; false unless given"},
           {.name = "holder",
            .shape = &leaf.text,
            .about = "what else than a person's account holds it, such as service account"},
           {.name = "id", .shape = &leaf.path, .about = "where the id stands in an item; `id` unless given"},
           {.name = "name", .shape = &leaf.path, .about = "where the name stands in an item"},
           {.name = "expires", .shape = &leaf.path, .about = "where it stands in an item when it lapses"},
           {.name = "list", .shape = &listing_shape(), .about = "the listing of those an account has"},
           {.name = "only", .shape = &leaf.filled_map, .about = "paths and texts an item must have to count"},
           {.name = "rotate",
            .shape = &calls_shape(),
            .about = "the calls that put a new secret in place, which they read as `secret`"},
           {.name = "answers",
            .shape = &leaf.path,
            .about = "where the new secret stands in the last reply when the platform makes it",
            .with = "rotate"},
           {.name = "revoke",
            .shape = &call_shape(),
            .about = "the call that takes it away; with `list` made for each item, as `credential`"}},
      .some_of = {"list", "rotate", "revoke"}};
  return shape;
}

}  // namespace usher::recipe
