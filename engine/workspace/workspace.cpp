#include "engine/workspace/workspace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <set>
#include <tuple>

#include "engine/runtime/exit_code.hpp"
#include "state/model/exception_text.hpp"

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

bool names_go_on(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Every name and every text in an expression: among them is whatever it may read of a record.
void gather_names(const std::string& source, std::set<std::string>& names) {
  for (std::size_t at = 0; at < source.size(); ++at) {
    const std::size_t begin = at;
    if (source[at] == '"' || source[at] == '\'') {
      at = std::min(source.find(source[begin], begin + 1), source.size());
      names.insert(source.substr(begin + 1, at - begin - 1));
    } else if (names_go_on(source[at])) {
      while (at < source.size() && names_go_on(source[at])) ++at;
      names.insert(source.substr(begin, at - begin));
      --at;
    }
  }
}

/// What an expression may read of `account`: dotted paths and their beginnings, such as "credentials" and
/// "credentials.identity"; "memberships" also where it takes the account as a whole.
std::set<std::string> read_of_account(const std::string& source) {
  static const std::regex reading(R"(\baccount\b((?:\.[A-Za-z_][A-Za-z0-9_]*)*)(\s*\[)?)");
  std::set<std::string> paths;
  for (std::sregex_iterator at(source.begin(), source.end(), reading), end; at != end; ++at) {
    const std::string path = (*at)[1].str();
    if (path.empty()) paths.insert("memberships");
    for (std::size_t dot = 1; dot < path.size() && dot != std::string::npos; ++dot) {
      dot = path.find('.', dot);
      paths.insert(path.substr(1, dot == std::string::npos ? dot : dot - 1));
      if (dot == std::string::npos) break;
    }
  }
  return paths;
}

std::vector<std::string> names_in(const PeopleRules& people) {
  std::set<std::string> names;
  gather_names(people.key.source, names);
  gather_names(people.active.source, names);
  for (const auto& [attribute, expression] : people.attributes) gather_names(expression.source, names);
  return {names.begin(), names.end()};
}

/// Whether the command has to do with a platform: with --from and --to the others may lack what only rules
/// that are not in use say of them.
bool is_used(const Config& config, const CommonOptions& options, const std::string& platform) {
  const std::vector<std::string>& sources = config.people.from;
  return options.only.empty() || platform == options.only ||
         std::find(sources.begin(), sources.end(), platform) != sources.end();
}

void make_connectors(Workspace& setup, const CommonOptions& options, const ConnectorContext& context,
                     std::vector<Diagnostic>& mistakes) {
  for (const auto& [name, configured] : setup.config->platforms) {
    if (!is_used(*setup.config, options, name)) continue;
    Settings settings = configured;
    try {
      const auto kind = find_connector_kind(settings.connector, context);
      const bool is_file = kind && !kind->target && kind->origin == "built in";
      if (!options.whole_accounts || is_file) settings.needs = needs_of(*setup.config, name, is_file);
      give_key(settings, *setup.config, context);
      auto connector = make_connector(settings, context);
      if (connector) {
        setup.connectors.emplace(name, std::move(*connector));
        for (Diagnostic& one : connector_warnings(settings, context))
          setup.warnings.push_back(std::move(one));
      } else {
        mistakes.insert(mistakes.end(), connector.error().begin(), connector.error().end());
      }
    } catch (const std::exception& error) {  // a recipe that does not load
      mistakes.push_back({settings.place, text_of(error), ""});
    }
  }
}

/// What one source has read of standard input is no longer there for another.
void refuse_shared_input(const Config& config, std::vector<Diagnostic>& mistakes) {
  std::string first;
  for (const std::string& name : config.people.from) {
    const auto platform = config.platforms.find(name);
    if (platform == config.platforms.end()) continue;
    const auto path = platform->second.options.find("path");
    if (path == platform->second.options.end() || path->second.value() != "-") continue;
    if (first.empty())
      first = name;
    else
      mistakes.push_back(
          {path->second.place,
           fmt::format("'{}' and '{}' both read standard input, and only one can", first, name),
           {}});
  }
}

/// The lines of the configuration that carets point into; values of platform options are masked there.
void give_lines(std::vector<Diagnostic>& found, const Config& config, const CommonOptions& options) {
  for (Diagnostic& one : found) {
    const auto line = static_cast<std::size_t>(one.place.line) - 1;
    const bool ours = one.place.file == config.file.string() || one.place.file == options.config.string();
    if (one.line.empty() && ours && line < config.lines.size()) one.line = config.lines[line];
  }
}

void sort_by_place(std::vector<Diagnostic>& mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) <
           std::tie(b.place.file, b.place.line, b.place.column);
  });
}

}  // namespace

std::optional<std::vector<std::string>> needs_of(const Config& config, const std::string& platform,
                                                 bool is_file) {
  if (is_file) return names_in(config.people);
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
  if (rules.orphans.except.given()) {
    const std::set<std::string> read = read_of_account(rules.orphans.except.source);
    if (read.contains("memberships")) return std::nullopt;
    needs.insert(read.begin(), read.end());
  }
  if (rules.leavers.without_disable == Fallback::lock || rules.leavers.create_disabled) needs.insert("lock");
  return std::vector<std::string>(needs.begin(), needs.end());
}

std::string platforms_only(const std::string& platform) {
  return fmt::format("people: {{from: {}, key: record.id}}\naccounts: {{}}\n", platform);
}

std::string only_if_configured(const CommonOptions& options, const std::string& platform) {
  const auto config = load_config(options.config, Secrets::skip, options.rules);
  return config && config->platforms.contains(platform) ? platform : std::string();
}

ConnectorContext connector_context(const CommonOptions& options) {
  ConnectorContext context{.recipe_folders = options.recipe_folders, .observer = options.observer};
  if (options.deadline != nullptr) context.deadline = options.deadline->at();
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
  if (options.deadline != nullptr && config->deadline) options.deadline->set(*config->deadline);
  Workspace setup;
  setup.config = std::make_unique<const Config>(std::move(*config));
  const ConnectorContext context = connector_context(options);
  std::vector<Diagnostic> mistakes;
  make_connectors(setup, options, context, mistakes);
  refuse_shared_input(*setup.config, mistakes);
  std::map<std::string, const Capabilities*> capabilities;
  for (const auto& [name, connector] : setup.connectors) capabilities[name] = &connector->capabilities();
  auto rules = Rules::compile(*setup.config, capabilities);
  if (rules) {
    setup.rules.emplace(std::move(*rules));
  } else {
    mistakes.insert(mistakes.end(), rules.error().begin(), rules.error().end());
  }
  give_lines(mistakes, *setup.config, options);
  give_lines(setup.warnings, *setup.config, options);
  setup.warnings.insert(setup.warnings.end(), setup.config->warnings.begin(), setup.config->warnings.end());
  sort_by_place(setup.warnings);
  if (mistakes.empty()) return setup;
  sort_by_place(mistakes);
  return tl::unexpected(std::move(mistakes));
}

std::vector<LocalSource> local_sources(const Workspace& setup) {
  std::vector<LocalSource> sources;
  for (const std::string& name : setup.config->people.from) {
    const auto platform = setup.config->platforms.find(name);
    const auto connector = setup.connectors.find(name);
    if (platform == setup.config->platforms.end() || connector == setup.connectors.end()) continue;
    const auto path = platform->second.options.find("path");
    if (!connector->second->capabilities().schema.open || path == platform->second.options.end()) continue;
    if (path->second.pending || path->second.value() == "-") continue;
    sources.push_back(
        {name, (std::filesystem::path(platform->second.directory) / path->second.value()).lexically_normal(),
         path->second.place});
  }
  return sources;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> reader_of_file(
    const Workspace& setup, const std::string& source, const std::filesystem::path& file,
    const ConnectorContext& context) {
  Settings settings = setup.config->platforms.at(source);
  const auto kind = find_connector_kind(settings.connector, context);
  if (!kind || kind->target || kind->origin != "built in") {
    const std::string ending = file.extension().string();
    settings.connector = ending.empty() ? "csv" : ending == ".yml" ? "yaml" : ending.substr(1);
    settings.options.clear();
  }
  Setting path;
  path.text = file.string();
  path.place = settings.place;
  settings.options["path"] = path;
  settings.needs = needs_of(*setup.config, source, true);
  give_key(settings, *setup.config, context);
  return make_connector(settings, context);
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
  // A file that is not there, or cannot be read, has no mistakes to be counted.
  if (mistakes.size() == 1 && mistakes.front().place.line == 0) return to_string(mistakes.front());
  std::string text;
  for (const Diagnostic& mistake : mistakes) text += to_string(mistake) + "\n";
  return text + fmt::format("{} mistake{}.", mistakes.size(), mistakes.size() == 1 ? "" : "s");
}

}  // namespace usher
