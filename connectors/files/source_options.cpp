#include "connectors/files/source_options.hpp"

#include <algorithm>
#include <filesystem>

#include "state/model/fingerprint.hpp"
#include "state/model/schema.hpp"

namespace usher {

std::vector<Option> source_options() {
  return {
      {"path", "path", true, "", "the file, from the folder of the configuration; - is standard input", {}},
      {"key",
       "string",
       true,
       "",
       "the column or dotted path that tells one record from another; not needed when people.key names it",
       {}},
      {"bad-rows",
       "string",
       false,
       "stop",
       "stop: a row that cannot be read ends the pull; quarantine: it is set aside and nobody counts as "
       "absent",
       {"stop", "quarantine"}}};
}

std::string option_or(const Settings& settings, const std::string& name, const std::string& otherwise) {
  const auto found = settings.options.find(name);
  return found == settings.options.end() ? otherwise : found->second.value();
}

Diagnostic mistake_about(const Settings& settings, const std::string& option, const std::string& message) {
  const auto found = settings.options.find(option);
  return {found == settings.options.end() ? settings.place : found->second.place, message, {}};
}

SourceOptions read_source_options(const Settings& settings, const ConnectorKind& kind,
                                  std::vector<Diagnostic>& mistakes) {
  std::vector<std::string> known;
  for (const Option& option : kind.options) known.push_back(option.name);
  for (const auto& [name, setting] : settings.options) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    mistakes.push_back(
        {setting.place,
         kind.name + " has no option '" + name + "'" + (near.empty() ? "" : ", did you mean '" + near + "'?"),
         {}});
  }
  for (const Option& option : kind.options) {
    const auto found = settings.options.find(option.name);
    if (found == settings.options.end() || (found->second.value().empty() && !found->second.pending)) {
      if (option.required)
        mistakes.push_back(
            mistake_about(settings, option.name,
                          "'" + settings.platform + "' lacks '" + option.name + "': " + option.about));
    } else if (!option.choices.empty() && !found->second.pending &&
               std::find(option.choices.begin(), option.choices.end(), found->second.value()) ==
                   option.choices.end()) {
      std::string choices;
      for (const std::string& choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
      mistakes.push_back(
          mistake_about(settings, option.name, "'" + option.name + "' must be one of " + choices));
    }
  }
  SourceOptions options;
  options.shown = option_or(settings, "path", "");
  options.path =
      options.shown == "-"
          ? "-"
          : (std::filesystem::path(settings.directory) / options.shown).lexically_normal().string();
  if (options.shown == "-") options.shown = "standard input";
  options.key = option_or(settings, "key", "");
  options.quarantine = option_or(settings, "bad-rows", "stop") == "quarantine";
  return options;
}

Capabilities source_capabilities(const std::string& kind, const std::string& key) {
  Capabilities capabilities;
  capabilities.schema.open = true;
  capabilities.natural_key = key;
  capabilities.label = key;
  capabilities.digest = public_digest("records of " + kind + " by " + key);
  return capabilities;
}

}  // namespace usher
