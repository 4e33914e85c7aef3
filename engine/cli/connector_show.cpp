#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "connectors/describe.hpp"
#include "engine/cli/connector.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

using nlohmann::ordered_json;
using enum Table::Align;

std::string broken_hint(const std::string& name) {
  return fmt::format("does not load: usher connector lint {}", name);
}

ordered_json options_json(const ConnectorKind& kind) {
  auto list = ordered_json::array();
  for (const usher::Option& option : kind.options)
    list.push_back(
        {{"name", option.name},
         {"type", option.type},
         {"required", option.required},
         {"default", option.default_value.empty() ? ordered_json() : ordered_json(option.default_value)},
         {"choices", option.choices},
         {"about", option.about}});
  return list;
}

ordered_json attributes_json(const Schema& schema) {
  auto list = ordered_json::array();
  for (const Attribute& one : schema.attributes)
    list.push_back({{"path", one.path},
                    {"type", to_string(one.type)},
                    {"required", one.required},
                    {"creatable", one.creatable},
                    {"updatable", one.updatable},
                    {"readable", one.readable},
                    {"clearable", one.clearable},
                    {"about", one.about}});
  return list;
}

ordered_json entitlements_json(const Capabilities& can) {
  auto list = ordered_json::array();
  for (const EntitlementKind& kind : can.entitlements)
    list.push_back({{"kind", kind.name},
                    {"add", kind.add},
                    {"remove", kind.remove},
                    {"change", kind.change},
                    {"details", kind.details}});
  return list;
}

ordered_json credentials_json(const Capabilities& can) {
  auto list = ordered_json::array();
  for (const CredentialKind& kind : can.credentials)
    list.push_back({{"kind", kind.name},
                    {"about", kind.about},
                    {"own", kind.own},
                    {"holder", kind.holder},
                    {"list", kind.list},
                    {"rotate", kind.rotate},
                    {"secret-from", kind.generated  ? ordered_json("usher")
                                    : kind.answered ? ordered_json("platform")
                                                    : ordered_json(nullptr)},
                    {"revoke", kind.revoke}});
  return list;
}

ordered_json show_json(const Description& description) {
  ordered_json json = {{"report", "connector"},
                       {"exit", exit_json(ExitCode::done)},
                       {"name", description.kind.name},
                       {"about", description.kind.about},
                       {"origin", description.kind.origin},
                       {"documentation", description.documentation},
                       {"target", description.kind.target},
                       {"options", options_json(description.kind)}};
  if (const auto& can = description.capabilities) {
    json["words"] = in_words(*can);
    json["choices"] = choices(*can);
    json["attributes"] = attributes_json(can->schema);
    json["entitlements"] = entitlements_json(*can);
    json["credentials"] = credentials_json(*can);
  }
  return json;
}

std::string options_part(const ConnectorKind& kind) {
  Table table({left, left, left, left});
  for (const usher::Option& option : kind.options) {
    std::string about = option.about;
    if (!option.choices.empty()) about += fmt::format(" ({})", fmt::join(option.choices, ", "));
    table.row({option.name, option.type,
               option.required                ? "required"
               : option.default_value.empty() ? ""
                                              : "= " + escaped(option.default_value),
               escaped(about)});
  }
  return table.text_within(80, 2);
}

std::string attributes_part(const Schema& schema) {
  Table table({left, left, left, left});
  for (const Attribute& one : schema.attributes) {
    const char* when = one.updatable ? "can be changed" : one.creatable ? "given once" : "only read";
    table.row({one.path, to_string(one.type), one.required ? std::string(when) + ", required" : when,
               escaped(one.about)});
  }
  return table.text_within(80, 2);
}

std::string sentences(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + wrapped(line, 78, 2) + "\n";
  return text;
}

std::string show_text(const Description& description, const Ink& ink) {
  const ConnectorKind& kind = description.kind;
  const std::string title = wrapped(kind.name + ": " + escaped(kind.about), 76, 2, 78);
  std::string text =
      fmt::format("{}{}\n  {}\n", ink.bold(kind.name), title.substr(kind.name.size()), escaped(kind.origin));
  if (!description.documentation.empty()) text += "  " + escaped(description.documentation) + "\n";
  text += "\n" + ink.bold("Options") + "\n" + options_part(kind);
  if (const auto& can = description.capabilities) {
    text += "\n" + ink.bold("What it can and cannot do, with these options as they are by default") + "\n" +
            sentences(in_words(*can));
    if (const auto lines = choices(*can); !lines.empty())
      text += "\n" + ink.bold("What the rules may say about that") + "\n" + sentences(lines);
    text += "\n" + ink.bold("Attributes") + "\n" + attributes_part(can->schema);
  } else {
    text += "\nIts records have the attributes that stand in the file.\n";
  }
  return text;
}

}  // namespace

ExitCode list_connectors(const Call& call) {
  words_of(call, 0, 0, "nothing more");
  const ConnectorContext context = connector_context(call.common());
  const auto kinds = connector_kinds(context);
  const auto broken = broken_recipes(context);
  if (call.json()) {
    auto list = ordered_json::array();
    for (const ConnectorKind& kind : kinds)
      list.push_back(
          {{"name", kind.name}, {"about", kind.about}, {"origin", kind.origin}, {"target", kind.target}});
    call.print_json({{"report", "connectors"},
                     {"exit", exit_json(ExitCode::done)},
                     {"connectors", list},
                     {"broken", broken}});
    return ExitCode::done;
  }
  Table table({left, left, left, left});
  for (const ConnectorKind& kind : kinds)
    table.row(
        {kind.name, kind.target ? "reads and writes" : "reads", escaped(kind.origin), escaped(kind.about)});
  for (const std::string& name : broken) table.row({name, "-", "-", broken_hint(name)});
  call.print(table.text_within(80));
  return ExitCode::done;
}

ExitCode show_connector(const Call& call) {
  const std::string name = words_of(call, 1, 1, "one name").front();
  const ConnectorContext context = connector_context(call.common());
  const auto description = describe_connector(name, context);
  if (!description) {
    std::vector<std::string> known;
    for (const ConnectorKind& kind : connector_kinds(context)) known.push_back(kind.name);
    throw CommandError(ExitCode::usage, fmt::format("No connector is called '{}'{}", escaped(name),
                                                    did_you_mean(name, known, ".")));
  }
  if (call.arguments.flag("recipe")) {
    if (description->recipe.empty())
      throw CommandError(ExitCode::failed, fmt::format("{} is part of the program and has no recipe.", name));
    call.print(description->recipe);
  } else if (call.json()) {
    call.print_json(show_json(*description));
  } else {
    call.print(show_text(*description, Ink(call.style().colour)));
  }
  return ExitCode::done;
}

}  // namespace usher::cli
