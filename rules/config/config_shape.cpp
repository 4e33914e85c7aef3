#include "rules/config/config_shape.hpp"

#include <nlohmann/json.hpp>

#include "rules/config.hpp"

namespace usher {
namespace {

using Form = Shape::Form;

const Shape text = {.form = Form::text, .expects = "a text"};
const Shape boolean = {.form = Form::boolean, .expects = "true or false"};
const Shape any = {.form = Form::any, .expects = "a value"};

const Shape text_list = {.form = Form::list, .expects = "a list of texts", .items = &text};
const Shape one_or_more_texts = {
    .form = Form::list, .expects = "a list of texts", .items = &text, .least = 1};
const Shape texts = {
    .form = Form::either, .expects = "a text or a list of texts", .alternatives = {&text, &text_list}};

// Expressions. A list and a nested map of them refer to themselves, so they are functions' statics.

const Shape code = {.form = Form::code, .expects = "a CEL expression"};
const Shape constant = {
    .form = Form::object,
    .about = "A constant: {value: Europe/Paris}.",
    .expects = "{value: …}",
    .keys = {{.name = "value", .shape = &any, .required = true, .about = "the constant itself"}},
    .hint = "a constant stands alone; an attribute called value is written with a dotted path"};

const Shape& expression() {
  static Shape elements = {.form = Form::list, .expects = "a list of expressions"};
  static const Shape shape = {.form = Form::either,
                              .about = "A CEL expression, a constant ({value: …}) or a list of them.",
                              .expects = "a CEL expression, {value: …} or a list of them",
                              .alternatives = {&code, &elements, &constant},
                              .name = "expression"};
  elements.items = &shape;
  return shape;
}

/// A map whose one key is `value` is a constant; every other map goes one step down the path.
const Shape& attribute_tree() {
  static Shape branch = {.form = Form::object, .expects = "a map of attributes"};
  static const Shape shape = {
      .form = Form::either,
      .about = "What an attribute is set to; a map goes one step down the path.",
      .expects = "a CEL expression, {value: …}, a list of them or a map of attributes",
      .alternatives = {&expression(), &branch},
      .name = "attribute"};
  branch.rest = &shape;
  branch.rest_names = R"([^.\s]+(\.[^.\s]+)*)";
  branch.hint = "paths have a dot between names";
  branch.never = {"value"};
  return shape;
}

// Platforms.

const Shape option = {.form = Form::option, .expects = "a text, a number, true or false"};
const Shape option_list = {.form = Form::list, .expects = "a list of values", .items = &option};
const Shape option_value = {.form = Form::either,
                            .about =
                                "An option of the connector. ${env:NAME}, ${file:PATH}, ${cmd:COMMAND} and "
                                "${cred:NAME} stand for secrets.",
                            .expects = "a text, a number, true, false or a list of them",
                            .alternatives = {&option, &option_list}};
const Shape date_patterns = {
    .form = Form::either, .expects = "a pattern or a list of patterns", .alternatives = {&text, &text_list}};
const Shape dates = {
    .form = Form::object,
    .about =
        "Of a CSV file: which columns hold dates, and how they write them (%d.%m.%Y, or serial "
        "for the number of a spreadsheet).",
    .expects = "a map from columns to patterns",
    .rest = &date_patterns};
const std::string name_pattern = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
const std::string name_hint = "letters, digits, '-', '_' and '.' can stand in names";

const Shape platform = {
    .form = Form::object,
    .about = "One system: the connector that speaks to it and its options.",
    .expects = "a map with the connector and its options",
    .keys = {{.name = "connector",
              .shape = &text,
              .required = true,
              .about = "the kind of platform: csv, json, ndjson, yaml or the name of a recipe"},
             {.name = "dates", .shape = &dates}},
    .rest = &option_value};
const Shape platforms = {.form = Form::object,
                         .about = "Where: every system that is read or written, by a name of your choice.",
                         .expects = "a map of platforms",
                         .rest = &platform,
                         .rest_names = name_pattern,
                         .hint = name_hint};

// Guards.

const Shape percentage = {.form = Form::pattern,
                          .expects = "a percentage from 0% to 100%",
                          .pattern = R"((100|[0-9]{1,2}(\.[0-9]+)?)%)"};
const Shape percent = {.form = Form::number, .expects = "a number from 0 to 100", .most = 100};
const Shape count = {.form = Form::integer, .expects = "a whole number", .most = 1e12};
const Shape limit = {
    .form = Form::object,
    .expects = "{percent: …, at-least: …}",
    .keys = {{.name = "percent", .shape = &percent, .required = true, .about = "of the accounts"},
             {.name = "at-least", .shape = &count, .about = "so many are always allowed"}}};
const Shape guard = {.form = Form::either,
                     .about =
                         "How much one run may change: 5%, a count, or {percent: 10, at-least: 20}; "
                         "100% sets no limit.",
                     .expects = "a percentage such as 5%, a count or {percent: …, at-least: …}",
                     .alternatives = {&percentage, &count, &limit},
                     .name = "guard"};
// People.

const Shape from = {.form = Form::either,
                    .about = "The platform that says who should exist, or several in order of authority.",
                    .expects = "the name of a platform or a list of names",
                    .alternatives = {&text, &one_or_more_texts}};

const Shape& attributes() {
  static const Shape shape = {.form = Form::object,
                              .about = "What is known of a person, each an expression over `record`.",
                              .expects = "a map of expressions",
                              .rest = &expression(),
                              .rest_names = "[A-Za-z_][A-Za-z0-9_]*",
                              .hint = "letters, digits and '_' can stand in names"};
  return shape;
}

const Shape rekey = {
    .form = Form::choice, .expects = "report or by-match", .choices = {"report", "by-match"}};
const Shape people_guards = {
    .form = Form::object,
    .about = "Limits on what the sources say, for all platforms; what is over a limit waits for you.",
    .expects = "a map of limits",
    .keys = {{.name = "vanished-records",
              .shape = &guard,
              .about = "people who are in no source any more and would lose something; 10 %, at least 2"},
             {.name = "rule-errors",
              .shape = &guard,
              .about = "people for whom an expression fails; over it nothing is taken from anybody; 2 %, at "
                       "least 3"}}};

const Shape& people() {
  static const Shape shape = {
      .form = Form::object,
      .about = "Who should exist.",
      .expects = "a map with from and key",
      .keys = {
          {.name = "from", .shape = &from, .required = true},
          {.name = "key",
           .shape = &expression(),
           .required = true,
           .about = "what tells one person from another for ever, over `record`"},
          {.name = "attributes", .shape = &attributes()},
          {.name = "active", .shape = &expression(), .about = "who is here now; without it everybody is"},
          {.name = "rekey",
           .shape = &rekey,
           .about = "whether who is found to have the account of somebody who is gone is that person under a "
                    "new key; report unless given"},
          {.name = "guards", .shape = &people_guards}}};
  return shape;
}

// Accounts.

const Shape fold = {.form = Form::choice, .expects = "case", .choices = {"case"}};

const Shape& match() {
  static const Shape rule = {
      .form = Form::object,
      .expects = "a map with account and person",
      .keys = {
          {.name = "account", .shape = &text, .required = true, .about = "an attribute of the account"},
          {.name = "person", .shape = &expression(), .required = true, .about = "what it is compared with"},
          {.name = "fold", .shape = &fold, .about = "case: upper and lower case are the same"}}};
  static const Shape shape = {
      .form = Form::list,
      .about = "How to find the account of a person that is not linked yet, first rule first.",
      .expects = "a list of {account: …, person: …}",
      .items = &rule};
  return shape;
}

const Shape& groups() {
  static const Shape rule = {
      .form = Form::object,
      .expects = "a map with group and when",
      .keys =
          {{.name = "group", .shape = &text, .about = "name or id of a group"},
           {.name = "profile", .shape = &text, .about = "name or id of a profile"},
           {.name = "role", .shape = &text, .about = "name or id of a role"},
           {.name = "tenant", .shape = &text, .about = "name or id of a tenant"},
           {.name = "kind", .shape = &text, .about = "any other kind the platform has, with name"},
           {.name = "name", .shape = &text, .about = "with kind: name or id of one of that kind"},
           {.name = "when", .shape = &expression(), .about = "who is in it; without it everybody in scope"},
           {.name = "actions", .shape = &texts, .about = "what the membership allows, where a platform asks"},
           {.name = "details", .shape = &texts, .about = "the same as actions, for what is not an action"}},
      .one_of = {"group", "profile", "role", "tenant", "kind"}};
  static const Shape one = {.form = Form::either,
                            .expects = "the name of a group or a map with group and when",
                            .alternatives = {&text, &rule}};
  static const Shape shape = {
      .form = Form::list,
      .about =
          "Memberships. Without the key they are left alone; an empty list means that nobody is in anything.",
      .expects = "a list of groups",
      .items = &one};
  return shape;
}

const Shape other_groups = {
    .form = Form::choice,
    .about = "What to do with memberships that no rule of `groups` gives; remove unless given.",
    .expects = "keep or remove",
    .choices = {"keep", "remove"}};

const Shape other_actions = {
    .form = Form::choice,
    .about = "What to do with actions of a membership beyond those that its rules give; remove unless given.",
    .expects = "keep or remove",
    .choices = {"keep", "remove"}};

const Shape moment = {.form = Form::pattern,
                      .expects = "now, never or a number of days such as 30d",
                      .pattern = "now|never|[0-9]{1,4}d"};
const Shape without_disable = {
    .form = Form::choice, .expects = "report, lock or delete", .choices = {"report", "lock", "delete"}};
const Shape create_disabled = {
    .form = Form::choice, .expects = "never or disabled", .choices = {"never", "disabled"}};
const Shape leavers = {
    .form = Form::object,
    .about = "What happens to the account of somebody who is no longer there.",
    .expects = "a map with disable and delete",
    .keys = {{.name = "disable", .shape = &moment, .about = "when the account is disabled; now unless given"},
             {.name = "delete", .shape = &moment, .about = "when the account is deleted; never unless given"},
             {.name = "without-disable",
              .shape = &without_disable,
              .about = "what to do where the platform cannot disable; report unless given"},
             {.name = "create",
              .shape = &create_disabled,
              .about = "disabled: who is there, not active and without an account gets a disabled one; never "
                       "unless given"}}};
const Shape orphans_reported = {.form = Form::choice, .expects = "report", .choices = {"report"}};
const Shape waiting = {.form = Form::pattern,
                       .expects = "never or a number of days such as 30d",
                       .pattern = "never|[1-9][0-9]{0,3}d"};

const Shape& orphans() {
  static const Shape taken = {
      .form = Form::object,
      .expects = "a map with disable, delete and except",
      .keys = {{.name = "disable",
                .shape = &waiting,
                .about = "how long after plans first saw that nobody declares it; never unless given"},
               {.name = "delete", .shape = &waiting, .about = "the same; never unless given"},
               {.name = "except",
                .shape = &expression(),
                .about = "which accounts stay, over `account`: those of services, of an emergency"}}};
  static const Shape shape = {.form = Form::either,
                              .about = "What becomes of accounts that nobody declares; report unless given.",
                              .expects = "report or a map with disable, delete and except",
                              .alternatives = {&orphans_reported, &taken}};
  return shape;
}

const Shape without_update = {
    .form = Form::choice,
    .about = "What to do with a change that the platform cannot make to an account that exists.",
    .expects = "report or recreate",
    .choices = {"report", "recreate"}};

const Shape guards = {
    .form = Form::object,
    .about = "Limits a plan is held to; what is over a limit waits for you.",
    .expects = "a map of limits",
    .keys = {
        {.name = "create",
         .shape = &guard,
         .about = "new accounts; 25 %, at least 20, after the first apply there without a failure"},
        {.name = "update", .shape = &guard, .about = "accounts of which an attribute changes; see create"},
        {.name = "enable", .shape = &guard, .about = "accounts enabled or unlocked; 10 %, at least 5"},
        {.name = "keys",
         .shape = &guard,
         .about = "accounts whose natural key (login, address) changes; 5 %, at least 5"},
        {.name = "vanished",
         .shape = &guard,
         .about = "linked accounts the platform does not show any more; over it nothing is created or "
                  "taken there; 10 %, at least 2"},
        {.name = "disable", .shape = &guard, .about = "accounts disabled or locked"},
        {.name = "delete", .shape = &guard, .about = "accounts deleted"},
        {.name = "memberships", .shape = &guard, .about = "accounts that lose a membership"},
        {.name = "orphans",
         .shape = &guard,
         .about = "accounts that nobody declares and that are disabled, locked or deleted; 1 % of the linked "
                  "ones, at least 5"},
        {.name = "removals",
         .shape = &guard,
         .about = "accounts that lose anything: all of the three above; 10 %, at least 2"}}};

const Shape& account() {
  static const Shape set = {.form = Form::object,
                            .about = "Attributes by path; one that is not named here is left alone.",
                            .expects = "a map of attributes",
                            .rest = &attribute_tree(),
                            .rest_names = attribute_tree().alternatives[1]->rest_names,
                            .hint = attribute_tree().alternatives[1]->hint};
  static const Shape shape = {
      .form = Form::object,
      .about = "What each person has on one platform.",
      .expects = "a map of rules",
      .keys = {
          {.name = "who", .shape = &expression(), .about = "who has an account; without it everybody"},
          {.name = "match", .shape = &match()},
          {.name = "set", .shape = &set},
          {.name = "groups", .shape = &groups()},
          {.name = "other-groups", .shape = &other_groups},
          {.name = "other-actions", .shape = &other_actions},
          {.name = "leavers", .shape = &leavers},
          {.name = "orphans", .shape = &orphans()},
          {.name = "without-update", .shape = &without_update},
          {.name = "guards", .shape = &guards},
          {.name = "create", .shape = &boolean, .about = "false: missing accounts are reported, not created"},
          {.name = "credentials", .shape = &credentials_shape()}}};
  return shape;
}

// Tables.

const Shape cell = {.form = Form::option, .expects = "a text"};
const Shape cells = {.form = Form::object, .expects = "a map of texts", .rest = &cell};
const Shape table = {.form = Form::either,
                     .about = "A table for lookup(): a map, or a CSV file with the columns key and value.",
                     .expects = "a map of texts or the path of a CSV file",
                     .alternatives = {&text, &cells}};
const Shape tables = {.form = Form::object,
                      .about = "Tables that expressions look values up in.",
                      .expects = "a map of tables",
                      .rest = &table,
                      .rest_names = name_pattern,
                      .hint = name_hint};

const Shape version = {.form = Form::integer,
                       .about = "The version of this format.",
                       .expects = "1, the version of the format this program reads",
                       .least = 1,
                       .most = 1};

}  // namespace

const Shape& config_shape() {
  static const Shape accounts = {.form = Form::object,
                                 .about = "What: the rules of each platform that is written to.",
                                 .expects = "a map of platforms",
                                 .rest = &account(),
                                 .rest_names = name_pattern,
                                 .hint = name_hint};
  static const Shape shape = {
      .form = Form::object,
      .about = "A configuration of usher: where, who and what.",
      .expects = "a map with version and platforms, and people and accounts as soon as anything is planned",
      .keys = {
          {.name = "version", .shape = &version, .required = true},
          {.name = "state", .shape = &text, .about = "the file all is remembered in; usher.db unless given"},
          {.name = "platforms", .shape = &platforms, .required = true},
          {.name = "people", .shape = &people()},
          {.name = "accounts", .shape = &accounts, .with = "people"},
          {.name = "tables", .shape = &tables},
          {.name = "run", .shape = &run_shape()},
          {.name = "keep", .shape = &keep_shape()},
          {.name = "approvals", .shape = &approvals_shape()},
          {.name = "notify", .shape = &notify_shape()},
          {.name = "tests", .shape = &tests_shape(), .with = "people"}}};
  return shape;
}

std::string config_json_schema() {
  nlohmann::json schema = json_schema(config_shape());
  schema["title"] = "usher configuration";
  return schema.dump(2) + "\n";
}

}  // namespace usher
