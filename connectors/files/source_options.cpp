#include "connectors/files/source_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "state/model/fingerprint.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

bool given(const Settings& settings, const std::string& name) {
  const auto found = settings.options.find(name);
  return found != settings.options.end() && !found->second.pending && !found->second.value().empty();
}

/// A whole number at the beginning of a text, taken off it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// "4GB", "500 MB", "1048576"; units of 1024.
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  const auto number = take_number(text);
  if (!number || *number == 0) return std::nullopt;
  while (text.starts_with(' ')) text.remove_prefix(1);
  unsigned shift = 0;
  if (text == "KB" || text == "kB" || text == "KiB")
    shift = 10;
  else if (text == "MB" || text == "MiB")
    shift = 20;
  else if (text == "GB" || text == "GiB")
    shift = 30;
  else if (!text.empty() && text != "B")
    return std::nullopt;
  if (*number > (std::uint64_t{1} << 50U) >> shift) return std::nullopt;
  return *number << shift;
}

std::optional<double> percent_of(const std::string& text) {
  double percent = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, percent);
  const bool whole = error == std::errc() && (end == last || (end + 1 == last && *end == '%'));
  return whole && percent >= 0 && percent <= 100 ? std::optional(percent) : std::nullopt;
}

/// first, last, newest by COLUMN.
std::optional<RecordChoice> choice_of(const std::string& text) {
  constexpr std::string_view newest = "newest by ";
  if (text == "first") return RecordChoice{RecordChoice::Kind::first, {}};
  if (text == "last") return RecordChoice{RecordChoice::Kind::last, {}};
  if (text.starts_with(newest) && text.size() > newest.size())
    return RecordChoice{RecordChoice::Kind::newest, text.substr(newest.size())};
  return std::nullopt;
}

void read_proofs(const Settings& settings, SourceOptions& options, std::vector<Diagnostic>& mistakes) {
  options.quarantine = option_or(settings, "bad-rows", "stop") == "quarantine";
  options.empty_allowed = option_or(settings, "empty", "") == "allowed";
  options.unended_allowed = option_or(settings, "unended", "") == "allowed";
  options.least_records = count_option(settings, "records", 0, std::uint64_t{1} << 40U, mistakes);
  if (given(settings, "shrink")) {
    const auto percent = percent_of(option_or(settings, "shrink", ""));
    if (!percent)
      mistakes.push_back(mistake_about(settings, "shrink", "'shrink' must be a percentage from 0% to 100%"));
    options.shrink = percent.value_or(options.shrink);
  }
  if (given(settings, "size-limit")) {
    const auto bytes = bytes_of(option_or(settings, "size-limit", ""));
    if (!bytes)
      mistakes.push_back(
          mistake_about(settings, "size-limit", "'size-limit' must be a size such as 500MB or 4GB"));
    options.size_limit = bytes.value_or(options.size_limit);
  }
  if (given(settings, "choose")) {
    const auto choice = choice_of(option_or(settings, "choose", ""));
    if (!choice)
      mistakes.push_back(
          mistake_about(settings, "choose", "'choose' must be first, last or newest by COLUMN"));
    options.choice = choice.value_or(RecordChoice{});
  }
}

std::string digest_of(const Settings& settings) {
  std::string all;
  for (const auto& [name, setting] : settings.options)
    if (!setting.pending) all += fmt::format("{} {} {}\n", name, setting.value().size(), setting.value());
  return public_digest(all);
}

void report_unknown(const Settings& settings, const ConnectorKind& kind, std::vector<Diagnostic>& mistakes) {
  std::vector<std::string> known;
  for (const Option& option : kind.options) known.push_back(option.name);
  for (const auto& [name, setting] : settings.options) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    mistakes.push_back(
        {setting.place, kind.name + " has no option '" + name + "'" + did_you_mean(name, known), {}});
  }
}

void report_misfits(const Settings& settings, const ConnectorKind& kind, std::vector<Diagnostic>& mistakes) {
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
      mistakes.push_back(
          mistake_about(settings, option.name,
                        fmt::format("'{}' must be one of {}", option.name, fmt::join(option.choices, ", "))));
    }
  }
}

}  // namespace

std::vector<Option> source_options() {
  return {
      {"path", "path", true, "", "the file, from the folder of the configuration; - is standard input", {}},
      {"key",
       "string",
       true,
       "",
       "the column or dotted path that tells one record from another, or a list of them that do so together; "
       "not needed when people.key names it",
       {}},
      {"bad-rows",
       "string",
       false,
       "stop",
       "stop: a row that cannot be read ends the pull; quarantine: it is set aside and nobody counts as "
       "absent",
       {"stop", "quarantine"}},
      {"choose",
       "string",
       false,
       "",
       "which of several records of one key counts: first, last or newest by COLUMN; without it they are bad",
       {}},
      {"empty",
       "string",
       false,
       "",
       "allowed: a file without any record is taken for what it says; without it nobody counts as absent "
       "then",
       {"allowed"}},
      {"records",
       "integer",
       false,
       "",
       "how many records the file holds at least: with fewer it was cut, and nobody counts as absent",
       {}},
      {"shrink",
       "string",
       false,
       "20%",
       "the share of the last pull's records that may be missing (five always may); where more are, nobody "
       "counts as absent",
       {}},
      {"unended",
       "string",
       false,
       "",
       "allowed: the last line may lack its line end; without it such a line counts as cut",
       {"allowed"}},
      {"size-limit", "string", false, "4GB", "a file that is larger is not read", {}}};
}

std::string option_or(const Settings& settings, const std::string& name, const std::string& otherwise) {
  const auto found = settings.options.find(name);
  return found == settings.options.end() ? otherwise : found->second.value();
}

std::uint64_t count_option(const Settings& settings, const std::string& name, std::uint64_t otherwise,
                           std::uint64_t most, std::vector<Diagnostic>& mistakes) {
  if (!given(settings, name)) return otherwise;
  const std::string text = option_or(settings, name, "");
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (number && rest.empty() && *number <= most) return *number;
  mistakes.push_back(
      mistake_about(settings, name, fmt::format("'{}' must be a whole number from 0 to {}", name, most)));
  return otherwise;
}

std::vector<std::string> texts_of(const std::string& text) {
  if (text.empty()) return {};
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) return {text};
  std::vector<std::string> texts;
  for (const nlohmann::json& one : list)
    if (one.is_string()) texts.push_back(one.get<std::string>());
  return texts;
}

Diagnostic mistake_about(const Settings& settings, const std::string& option, const std::string& message) {
  const auto found = settings.options.find(option);
  return {found == settings.options.end() ? settings.place : found->second.place, message, {}};
}

SourceOptions read_source_options(const Settings& settings, const ConnectorKind& kind,
                                  std::vector<Diagnostic>& mistakes) {
  report_unknown(settings, kind, mistakes);
  report_misfits(settings, kind, mistakes);
  SourceOptions options;
  options.shown = option_or(settings, "path", "");
  options.path =
      options.shown == "-"
          ? "-"
          : (std::filesystem::path(settings.directory) / options.shown).lexically_normal().string();
  if (options.shown == "-") options.shown = "standard input";
  options.key = texts_of(option_or(settings, "key", ""));
  read_proofs(settings, options, mistakes);
  options.digest = digest_of(settings);
  return options;
}

Capabilities source_capabilities(const std::string& kind, const std::vector<std::string>& key) {
  Capabilities capabilities;
  const std::string name = fmt::format("{}", fmt::join(key, ", "));
  capabilities.schema.open = true;
  if (key.size() == 1) capabilities.natural_key = capabilities.label = name;
  capabilities.digest = public_digest("records of " + kind + " by " + name);
  return capabilities;
}

}  // namespace usher
