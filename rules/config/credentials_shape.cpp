#include "rules/config/config_shape.hpp"

namespace usher {
namespace credentials_section {

using Form = Shape::Form;

const Shape text = {.form = Form::text, .expects = "a text"};
const Shape days_kept = {
    .form = Form::pattern, .expects = "a number of days like 90d", .pattern = "[1-9][0-9]{0,4}d"};
const Shape discard = {
    .form = Form::choice, .expects = "discard or invite", .choices = {"discard", "invite"}};
const Shape command_time = {.form = Form::pattern,
                            .expects = "a number of seconds, minutes or hours like 90s, 10m or 1h",
                            .pattern = "[1-9][0-9]{0,5}[smh]"};
const Shape handover = {
    .form = Form::object,
    .expects = "{file: …} or {command: …}",
    .keys = {{.name = "file", .shape = &text, .about = "a file of mode 0600 they are added to"},
             {.name = "keep", .shape = &days_kept, .about = "file: how long lines stay in it"},
             {.name = "command", .shape = &text, .about = "a command that reads them"},
             {.name = "timeout",
              .shape = &command_time,
              .about = "command: how long it may take; then it is ended, and gets the same ones again in the "
                       "next run; 10m unless given"}},
    .one_of = {"file", "command"}};
const Shape first = {.form = Form::either,
                     .about =
                         "Where first secrets go: nowhere (discard), nowhere and the platform mails the "
                         "person (invite), {file: PATH} or {command: …}.",
                     .expects = "discard, invite, {file: PATH} or {command: …}",
                     .alternatives = {&discard, &handover}};
const Shape length = {
    .form = Form::integer, .expects = "a whole number from 12 to 256", .least = 12, .most = 256};
const Shape alphabet = {.form = Form::pattern,
                        .expects = "ten or more characters of ASCII, without spaces",
                        .pattern = "[!-~]{10,}"};

}  // namespace credentials_section

const Shape& credentials_shape() {
  using namespace credentials_section;
  static const Shape shape = {
      .form = Form::object,
      .about = "The generated first secret of a new account.",
      .expects = "a map with first",
      .keys = {{.name = "first", .shape = &first},
               {.name = "length", .shape = &length, .about = "24 unless given"},
               {.name = "alphabet", .shape = &alphabet, .about = "the characters it is made of"}}};
  return shape;
}

}  // namespace usher
