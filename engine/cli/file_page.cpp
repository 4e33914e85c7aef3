#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "connectors/recipe/expression.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "connectors/registry.hpp"
#include "engine/cli/manual_page.hpp"
#include "engine/cli/roff.hpp"
#include "rules/config/config_manual.hpp"
#include "rules/yaml/shape_sections.hpp"

namespace usher::cli {

namespace {

constexpr std::string_view example_configuration = R"(version: 1
platforms:
  hr: {connector: csv, path: people.csv}
  acme: {connector: acme, url: "https://acme.example.com", token: "${file:acme.token}"}
people:
  from: hr
  key: record.id
  attributes: {mail: record.mail, name: record.name}
  active: record.leaves == ""
accounts:
  acme:
    match: [{account: email, person: person.mail, fold: case}]
    set: {name: person.name, email: person.mail}
)";

constexpr std::string_view example_recipe = R"(recipe: 1
name: acme
about: Acme's people, API version 3
options:
  url: {type: url, default: "https://api.acme.example/v3", about: Base address}
  token: {type: secret, required: true, about: An API token that may administer users}
auth:
  bearer: "{config.token}"
user:
  key: email
  active: {at: enabled, is: true}
  attributes:
    email: {required: true, normalise: [lower]}
    name: {}
  list:
    request: GET /people
    items: people
    pages: {by: page, parameter: page, size-parameter: per_page, size: 100}
  get: {request: "GET /people/{account.id}"}
  create: {request: POST /people}
  update:
    profile: {request: "PATCH /people/{account.id}", attributes: [email, name]}
  enable: {request: "PATCH /people/{account.id}", body: {enabled: "true"}}
  disable: {request: "PATCH /people/{account.id}", body: {enabled: "false"}}
)";

/// Lines as they are, with their indentation.
std::string code_block(std::string_view lines) {
  std::string text = ".nf\n";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += roff(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text + ".fi\n";
}

/// A sentence of what a phrase says.
std::string sentence(std::string text) {
  if (text.empty()) return text;
  const unsigned char first = static_cast<unsigned char>(text.front());
  const bool word =
      text.find_first_of(":,. ") != std::string::npos && text[text.find_first_of(":,. ")] != ':';
  if (word && std::islower(first) != 0) text.front() = static_cast<char>(std::toupper(first));
  return text.ends_with('.') ? text : text + ".";
}

std::string section_of(const ShapeSection& section) {
  if (section.entries.empty()) return {};
  std::string text = ".SS \"" + roff(section.title.empty() ? "The file" : section.title) + "\"\n";
  if (!section.about.empty()) text += marked(sentence(section.about)) + "\n";
  if (!section.before.empty()) text += (section.about.empty() ? "" : ".PP\n") + marked(section.before) + "\n";
  for (const ShapeSection::Entry& entry : section.entries) {
    const std::string font = entry.free ? "\\fI" : "\\fB";
    text += ".TP\n" + font + roff(entry.name) + "\\fR: " + marked(entry.value) +
            (entry.required ? " (needed)" : "") + "\n" +
            (entry.about.empty() ? "\\&" : marked(sentence(entry.about))) + "\n";
  }
  if (!section.after.empty()) text += ".PP\n" + marked(section.after) + "\n";
  return text;
}

std::string keys_of(const std::vector<ShapeSection>& sections) {
  std::string text = ".SH KEYS\n";
  for (const ShapeSection& section : sections) text += section_of(section);
  return text;
}

std::string option_sections() {
  std::string text = ".SH \"OPTIONS OF SOURCES\"\n";
  for (const ConnectorKind& kind : connector_kinds({})) {
    if (kind.target || kind.origin != "built in") continue;
    ShapeSection section{
        .title = kind.name, .about = "Reads " + kind.about, .before = {}, .entries = {}, .after = {}};
    for (const usher::Option& option : kind.options)
      section.entries.push_back(
          {.name = option.name,
           .free = false,
           .required = option.required,
           .value = option.type,
           .about = option.about + (option.default_value.empty()
                                        ? std::string()
                                        : "; `" + option.default_value + "` unless given")});
    text += section_of(section);
  }
  return text;
}

std::string variables() {
  std::string text =
      ".SH VARIABLES\nExpressions are CEL; which of these they may read depends on where they stand.\n";
  for (std::size_t i = 0; i < static_cast<std::size_t>(recipe::Variable::count); ++i) {
    const auto variable = static_cast<recipe::Variable>(i);
    text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(to_string(variable)),
                        marked(sentence(std::string(about(variable)))));
  }
  return text;
}

std::string config_page() {
  return page_head("usher.yaml", "configuration of usher: where, who and what", 5) + ".SH DESCRIPTION\n" +
         roff_paragraphs(
             "One YAML file, `usher.yaml` unless --config names another. `usher init` writes one to start "
             "from, "
             "`usher validate` checks it, and `usher schema` prints its JSON Schema for editors. With "
             "`version` and "
             "`platforms` alone doctor, pull, dump, connector test and migrate work; a plan needs `people` "
             "and "
             "`accounts`.\n\n"
             "Keys that are not listed here are mistakes, and so are keys given twice and YAML's merge key "
             "<<. "
             "Secrets in the options of platforms, and in webhooks and headers of `notify`, are written as "
             "`${env:NAME}`, `${file:PATH}`, `${cmd:COMMAND}` or `${cred:NAME}`.\n\n"
             "Expressions are CEL, the Common Expression Language; expressions.md in the documentation of "
             "the "
             "package tells what they can read.") +
         ".SH EXAMPLES\n" + code_block(example_configuration) + keys_of(config_sections()) +
         option_sections() +
         ".SH \"SEE ALSO\"\n\\fBusher\\fR(1), \\fBusher\\-validate\\fR(1), \\fBusher\\-recipe\\fR(5);\n"
         "configuration.md, sources.md and expressions.md in the documentation of the package.\n";
}

std::string recipe_page() {
  return page_head("usher-recipe", "a platform described as data, for usher", 5) + ".SH DESCRIPTION\n" +
         roff_paragraphs(
             "A recipe is one YAML file that says what an HTTP platform with users is, how it is read and "
             "how it is "
             "written. It lies as NAME.yaml beside the configuration, in a folder `recipes` beside it or in "
             "one "
             "that --recipes names, and a platform uses it by `connector: NAME`. `usher connector lint` "
             "checks it, "
             "`usher connector test` tries it, and `usher schema recipe` prints its JSON Schema for "
             "editors.\n\n"
             "A path is a dotted place in JSON: data.users, emails.0.value, emails[type=work].value. A text "
             "with "
             "expressions in braces, such as /users/{account.id}, stands for requests, queries, headers and "
             "forms; "
             "{{ and }} are braces. An expression is CEL; it stands for conditions and for the leaves of "
             "bodies, "
             "where a constant text needs quotes of its own.") +
         ".SH EXAMPLES\n" + code_block(example_recipe) + keys_of(recipe::recipe_sections()) + variables() +
         ".SH \"SEE ALSO\"\n\\fBusher\\fR(1), \\fBusher\\-connector\\fR(1), \\fBusher.yaml\\fR(5);\n"
         "recipes.md in the documentation of the package.\n";
}

}  // namespace

std::vector<FilePage> file_pages() {
  return {{"usher-recipe", recipe_page()}, {"usher.yaml", config_page()}};
}

}  // namespace usher::cli
