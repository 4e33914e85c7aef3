#include "rules/config/config_shape.hpp"

namespace usher {
namespace run_section {

const Shape duration = {
    .form = Shape::Form::pattern,
    .about = "How long one command may pull, log in and apply; what is left is for the next.",
    .expects = "a number of seconds, minutes or hours like 90s, 45m or 2h",
    .pattern = "[1-9][0-9]{0,5}[smh]"};
const Shape run = {.form = Shape::Form::object,
                   .about = "What holds for every command that runs.",
                   .expects = "a map with deadline",
                   .keys = {{.name = "deadline", .shape = &duration}}};

const Shape days = {
    .form = Shape::Form::pattern, .expects = "a number of days like 90d", .pattern = "[1-9][0-9]{0,4}d"};
const Shape bytes = {
    .form = Shape::Form::pattern, .expects = "a size like 2GB", .pattern = "[1-9][0-9]{0,5}(MB|GB)"};
const Shape keep = {
    .form = Shape::Form::object,
    .about = "How long the state remembers what is past.",
    .expects = "a map with history, runs and plans",
    .keys = {{.name = "history",
              .shape = &days,
              .about = "earlier versions of accounts, and what was carried out; 90d unless given"},
             {.name = "runs", .shape = &days, .about = "runs that sent nothing; 90d unless given"},
             {.name = "plans",
              .shape = &bytes,
              .about = "plans together; above it the oldest that nothing was sent of go; 2GB unless given"}}};

}  // namespace run_section

const Shape& run_shape() {
  return run_section::run;
}

const Shape& keep_shape() {
  return run_section::keep;
}

}  // namespace usher
