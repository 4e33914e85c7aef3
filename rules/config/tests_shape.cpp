#include "rules/config/config_shape.hpp"

namespace usher {
namespace tests_section {

using Form = Shape::Form;

const Shape text = {.form = Form::text, .expects = "a text"};
const Shape value = {.form = Form::any, .expects = "a value"};
const Shape text_list = {.form = Form::list, .expects = "a list of texts", .items = &text, .least = 1};
const Shape one_or_more = {
    .form = Form::either, .expects = "a text or a list of texts", .alternatives = {&text, &text_list}};
const Shape moment = {
    .form = Form::pattern,
    .expects = "a time such as 2026-03-01T08:00:00Z",
    .pattern = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"};

const Shape record = {.form = Form::object, .expects = "a map of the record's columns", .rest = &value};

const Shape account = {.form = Form::choice,
                       .expects = "active, none, disabled or deleted",
                       .choices = {"active", "none", "disabled", "deleted"}};
const Shape named_membership = {
    .form = Form::object,
    .expects = "a map with group",
    .keys = {{.name = "group", .shape = &text, .about = "as a rule of groups names it"},
             {.name = "profile", .shape = &text, .about = "the same of a profile"},
             {.name = "role", .shape = &text, .about = "the same of a role"},
             {.name = "tenant", .shape = &text, .about = "the same of a tenant"},
             {.name = "kind", .shape = &text, .about = "any other kind, with name"},
             {.name = "name", .shape = &text, .about = "with kind: its name"}},
    .one_of = {"group", "profile", "role", "tenant", "kind"},
    .name = "membership"};
const Shape membership = {.form = Form::either,
                          .expects = "the name of a group or a map with group",
                          .alternatives = {&text, &named_membership}};
const Shape memberships = {.form = Form::list, .expects = "a list of groups", .items = &membership};
const Shape values = {.form = Form::object,
                      .expects = "a map of attributes",
                      .rest = &value,
                      .rest_names = R"([^.\s]+(\.[^.\s]+)*)",
                      .hint = "paths have a dot between names"};
const Shape what = {
    .form = Form::object,
    .about = "What the person must and must not have on the platform. What is not named is not judged.",
    .expects = "a map with account, set or groups",
    .keys = {{.name = "account",
              .shape = &account,
              .about = "active: has one; none: has none that can be used; disabled, deleted: has none, and "
                       "one that exists "
                       "is disabled (or locked) or deleted, days of grace aside"},
             {.name = "set", .shape = &values, .about = "values by path; null: no value"},
             {.name = "groups", .shape = &memberships, .about = "memberships the rules must give"},
             {.name = "not-groups", .shape = &memberships, .about = "memberships the rules must not give"},
             {.name = "only-groups", .shape = &memberships, .about = "these memberships and no others"}}};
const Shape expectation = {
    .form = Form::either,
    .about = "What the person must have there: active, none, disabled, deleted or more of it.",
    .expects = "active, none, disabled, deleted or a map of what is expected",
    .alternatives = {&account, &what}};
const Shape expected = {.form = Form::object,
                        .about = "What is expected, by platform.",
                        .expects = "a map of platforms",
                        .rest = &expectation,
                        .rest_names = "[A-Za-z0-9_][A-Za-z0-9_.-]*",
                        .hint = "letters, digits, '-', '_' and '.' can stand in names"};

const Shape test = {
    .form = Form::object,
    .about = "One test: records, and what the people they declare must and must not have where.",
    .expects = "a map with name, record or records, and expect",
    .keys =
        {{.name = "name", .shape = &text, .required = true, .about = "what the test says, in a few words"},
         {.name = "record",
          .shape = &record,
          .about = "one record as rules see it; of a CSV source every value is a text"},
         {.name = "records",
          .shape = &text,
          .about = "a file of records, read with the options of the source"},
         {.name = "source",
          .shape = &text,
          .about = "the platform whose options that is; the first of people.from unless given",
          .with = "records"},
         {.name = "people",
          .shape = &one_or_more,
          .about = "keys of the people in that file who are tried; all of them unless given",
          .with = "records"},
         {.name = "now", .shape = &moment, .about = "what `now` is; the time of the test unless given"},
         {.name = "expect", .shape = &expected, .required = true}},
    .one_of = {"record", "records"}};

}  // namespace tests_section

const Shape& tests_shape() {
  static const Shape shape = {
      .form = Shape::Form::list,
      .about = "Tests of the rules, which `usher test` runs without asking a platform.",
      .expects = "a list of tests",
      .items = &tests_section::test};
  return shape;
}

}  // namespace usher
