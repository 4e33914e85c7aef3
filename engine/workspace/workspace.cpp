#include "engine/workspace/workspace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <set>
#include <tuple>

#include "engine/runtime/exit_code.hpp"

namespace usher {

namespace {

/// The column that people.key reads, when it is nothing but a column.
std::string key_column(const PeopleRules& people) {
  static const std::regex plain(R"(\s*record\.([A-Za-z_][A-Za-z0-9_]*)\s*)");
  std::smatch parts;
  return std::regex_match(people.key.source, parts, plain) ? parts[1].str() : std::string();
}

/// A file source needs to know its key column; people.key names it unless the platform does.
void give_key(Settings& settings, const Config& config, const ConnectorContext& context) {
  const std::vector<std::string>& from = config.people.from;
  if (std::find(from.begin(), from.end(), settings.platform) == from.end()) return;
  const auto kind = find_connector_kind(settings.connector, context);
  if (!kind || kind->target || settings.options.count("key") > 0) return;
  const std::string column = key_column(config.people);
  if (column.empty()) return;
  Setting& key = settings.options["key"];
  key.text = column;
  key.place = config.people.key.place;
}

/// What the rules use of a platform's accounts, as Settings has it.
std::optional<std::vector<std::string>> needs_of(const Config& config, const std::string& platform) {
  const auto found = config.accounts.find(platform);
  const std::vector<std::string>& people = config.people.from;
  if (found == config.accounts.end() || std::find(people.begin(), people.end(), platform) != people.end())
    return std::nullopt;
  const AccountRules& rules = found->second;
  const bool all_kinds = rules.groups && rules.groups->empty();
  if (all_kinds || rules.without_update == Fallback::recreate) return std::nullopt;
  std::set<std::string> needs;
  for (const MatchRule& rule : rules.match) needs.insert(rule.account);
  for (const auto& [path, value] : rules.set) needs.insert(path);
  for (const GroupRule& rule : rules.groups.value_or(std::vector<GroupRule>())) needs.insert(rule.kind);
  if (rules.leavers.without_disable == Fallback::lock || rules.leavers.create_disabled) needs.insert("lock");
  return std::vector<std::string>(needs.begin(), needs.end());
}

void make_connectors(Workspace& setup, const CommonOptions& options, const ConnectorContext& context,
                     std::vector<Diagnostic>& mistakes) {
  for (const auto& [name, configured] : setup.config->platforms) {
    Settings settings = configured;
    if (!options.whole_accounts) settings.needs = needs_of(*setup.config, name);
    try {
      give_key(settings, *setup.config, context);
      auto connector = make_connector(settings, context);
      if (connector) {
        setup.connectors.emplace(name, std::move(*connector));
      } else {
        mistakes.insert(mistakes.end(), connector.error().begin(), connector.error().end());
      }
    } catch (const std::runtime_error& error) {  // a recipe that does not load
      mistakes.push_back({settings.place, error.what(), ""});
    }
  }
}

void sort_by_place(std::vector<Diagnostic>& mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) <
           std::tie(b.place.file, b.place.line, b.place.column);
  });
}

}  // namespace

std::string platforms_only(const std::string& platform) {
  return fmt::format("people: {{from: {}, key: record.id}}\naccounts: {{}}\n", platform);
}

ConnectorContext connector_context(const CommonOptions& options) {
  ConnectorContext context{options.recipe_folders};
  const std::filesystem::path beside = std::filesystem::absolute(options.config).parent_path();
  context.recipe_folders.push_back(beside.string());
  context.recipe_folders.push_back((beside / "recipes").string());
  return context;
}

tl::expected<Workspace, std::vector<Diagnostic>> open_workspace(const CommonOptions& options,
                                                                Secrets secrets) {
  auto config = load_config(options.config, secrets, options.rules);
  if (!config) return tl::unexpected(std::move(config.error()));
  if (!options.only.empty())
    std::erase_if(config->accounts, [&](const auto& entry) { return entry.first != options.only; });
  Workspace setup;
  setup.config = std::make_unique<const Config>(std::move(*config));
  const ConnectorContext context = connector_context(options);
  std::vector<Diagnostic> mistakes;
  make_connectors(setup, options, context, mistakes);
  std::map<std::string, const Capabilities*> capabilities;
  for (const auto& [name, connector] : setup.connectors) capabilities[name] = &connector->capabilities();
  auto rules = Rules::compile(*setup.config, capabilities);
  if (rules) {
    setup.rules.emplace(std::move(*rules));
  } else {
    mistakes.insert(mistakes.end(), rules.error().begin(), rules.error().end());
  }
  if (mistakes.empty()) return setup;
  for (Diagnostic& mistake : mistakes) {
    const auto line = static_cast<std::size_t>(mistake.place.line) - 1;
    const bool ours =
        mistake.place.file == setup.config->file.string() || mistake.place.file == options.config.string();
    if (mistake.line.empty() && ours && line < setup.config->lines.size())
      mistake.line = setup.config->lines[line];
  }
  sort_by_place(mistakes);
  return tl::unexpected(std::move(mistakes));
}

Connector& connector_of(const Workspace& setup, const std::string& platform) {
  const auto found = setup.connectors.find(platform);
  if (found != setup.connectors.end()) return *found->second;
  std::vector<std::string> known;
  for (const auto& [name, connector] : setup.connectors) known.push_back(name);
  throw CommandError(ExitCode::usage, fmt::format("There is no platform '{}'; the configuration has {}.",
                                                  platform, fmt::join(known, ", ")));
}

std::string to_string(const std::vector<Diagnostic>& mistakes) {
  std::string text;
  for (const Diagnostic& mistake : mistakes) text += to_string(mistake) + "\n";
  return text + fmt::format("{} mistake{}.", mistakes.size(), mistakes.size() == 1 ? "" : "s");
}

}  // namespace usher
