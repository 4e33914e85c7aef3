#include "rules/config/config_shape.hpp"

namespace usher {
namespace notify_section {

using Form = Shape::Form;

const Shape text = {.form = Form::text, .expects = "a text"};
const Shape event = {.form = Form::choice,
                     .expects = "held, failed, attention, stale or changed",
                     .choices = {"held", "failed", "attention", "stale", "changed"}};
const Shape events = {.form = Form::list, .expects = "a list of events", .items = &event, .least = 1};
const Shape event_or_events = {
    .form = Form::either,
    .about =
        "held: a guard holds something; failed: a command, a pull or an operation failed; "
        "attention: somebody gets nothing or not everything and nobody chose that; stale: "
        "a platform was not read completely for long, or an account was not as the plan "
        "relied on; changed: something was changed.",
    .expects = "an event or a list of events",
    .alternatives = {&event, &events}};
const Shape reference = {.form = Form::text, .expects = "a text; ${…} stands for a secret"};
const Shape headers = {.form = Form::object,
                       .about = "Headers of the request; ${…} stands for secrets.",
                       .expects = "a map of texts",
                       .rest = &reference,
                       .rest_names = "[A-Za-z0-9-]+",
                       .hint = "letters, digits and '-' can stand in names of headers"};
const Shape timeout = {.form = Form::pattern,
                       .expects = "a number of seconds from 1s to 60s",
                       .pattern = "([1-9]|[1-5][0-9]|60)s"};
const Shape duration = {.form = Form::pattern,
                        .expects = "a number of seconds, minutes, hours or days like 90s, 45m, 24h or 7d",
                        .pattern = "[1-9][0-9]{0,5}[smhd]"};
const Shape repeat = {
    .form = Form::pattern,
    .expects = "a number of seconds, minutes, hours or days like 90s, 45m, 24h or 7d, or always",
    .pattern = "always|[1-9][0-9]{0,5}[smhd]"};

const Shape rule = {
    .form = Form::object,
    .about = "One notification: a command or a webhook, and the events it is for.",
    .expects = "a map with on, and command or webhook",
    .keys =
        {{.name = "on", .shape = &event_or_events, .required = true},
         {.name = "command",
          .shape = &text,
          .about = "run by /bin/sh in the folder of the configuration, with the notification as JSON on its "
                   "standard input; ends with 0 when it was told"},
         {.name = "webhook",
          .shape = &reference,
          .about =
              "a URL that takes the notification as JSON by POST and answers 2xx; ${…} stands for secrets"},
         {.name = "headers", .shape = &headers, .with = "webhook"},
         {.name = "name", .shape = &text, .about = "what messages call it; its number unless given"},
         {.name = "timeout", .shape = &timeout, .about = "how long it may take; 10s unless given"},
         {.name = "repeat",
          .shape = &repeat,
          .about = "after how long the same news are sent again, as one line; 24h unless given"},
         {.name = "max-age",
          .shape = &duration,
          .about = "stale: how old the last complete pull of a platform may be; 26h unless given"}},
    .one_of = {"command", "webhook"}};

}  // namespace notify_section

const Shape& notify_shape() {
  static const Shape shape = {.form = Shape::Form::list,
                              .about =
                                  "Who is told when a run needs somebody, and how. A notification that fails "
                                  "changes nothing of the run.",
                              .expects = "a list of notifications",
                              .items = &notify_section::rule};
  return shape;
}

}  // namespace usher
