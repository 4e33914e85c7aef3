#include "rules/config/config_shape.hpp"

namespace usher {
namespace approvals_section {

using Form = Shape::Form;

const Shape required = {
    .form = Form::integer, .expects = "a whole number from 1 to 20", .least = 1, .most = 20};
const Shape principal = {.form = Form::text, .expects = "a text"};
const Shape principals = {
    .form = Form::list, .expects = "a list of principals", .items = &principal, .least = 1};
const Shape file = {.form = Form::text, .expects = "a text"};
const Shape section = {
    .form = Form::object,
    .about = "Who must sign an approval of what a guard holds, before it admits anything.",
    .expects = "a map with required and by",
    .keys = {
        {.name = "required",
         .shape = &required,
         .required = true,
         .about = "how many of them must sign; two keys of one of them count once"},
        {.name = "by",
         .shape = &principals,
         .required = true,
         .about = "those who may sign, as the file of allowed signers names them: ada@example.com"},
        {.name = "allowed-signers",
         .shape = &file,
         .about =
             "the file that says which SSH keys are whose, as ssh-keygen reads it, from the folder of the "
             "configuration; allowed_signers unless given"}}};

}  // namespace approvals_section

const Shape& approvals_shape() {
  return approvals_section::section;
}

}  // namespace usher
