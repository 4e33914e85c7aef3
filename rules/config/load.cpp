#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "rules/config/config_shape.hpp"
#include "rules/config/lines.hpp"
#include "rules/config/references.hpp"
#include "rules/config/sections.hpp"
#include "state/model/duration.hpp"

namespace usher {
namespace {

bool other_than_env(const std::string& text) {
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1))
    if (text.compare(at, 6, "${env:") != 0) return true;
  return false;
}

/// The state is needed by commands that skip secrets too, so its ${env:…} is put in whenever it can be had.
std::filesystem::path read_state(const Node* state, Reading& reading) {
  std::string text = state == nullptr ? "" : state->text_or_empty();
  if (has_reference(text)) {
    const bool env_only = !other_than_env(text);
    if (!env_only) reading.mistakes.add(state->place, "the state can hold ${env:…} and no other reference");
    const auto resolved = resolve_references(text, reading.directory, env_only);
    if (resolved)
      text = resolved->text;
    else if (reading.secrets == Secrets::resolve)
      reading.mistakes.add(state->place, resolved.error());
  }
  return (reading.directory / (text.empty() ? "usher.db" : text)).lexically_normal();
}

/// ${…} is put in where options of platforms and the state stand; anywhere else it would be taken for text.
void refuse_references(const Node& node, Diagnostics& mistakes) {
  if (node.kind == Node::Kind::scalar && names_reference(node.text))
    mistakes.add(node.place,
                 "secrets can only stand in the options of a platform and in webhooks and headers of notify");
  for (const Node& item : node.items) refuse_references(item, mistakes);
  for (const Entry& entry : node.entries) refuse_references(entry.value, mistakes);
}

void refuse_merges(const Node& node, Diagnostics& mistakes) {
  for (const Entry& entry : node.entries) {
    if (entry.key.text == "<<" && entry.key.plain)
      mistakes.add(entry.key.place,
                   "merging ('<<') is not part of YAML 1.2; write the keys out, or repeat a whole value with "
                   "an alias");
    refuse_merges(entry.value, mistakes);
  }
  for (const Node& item : node.items) refuse_merges(item, mistakes);
}

/// Of the form that config_shape() says, "45m"; what differs is reported already.
std::optional<std::chrono::seconds> read_deadline(const Node* node) {
  const auto duration = read_duration(node == nullptr ? "" : node->text_or_empty());
  if (!duration) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*duration);
}

/// The number before a unit; what differs from the form that config_shape() says is reported already.
std::uint64_t number_of(const Node* node, std::uint64_t unless_given) {
  const std::string text = node == nullptr ? "" : node->text_or_empty();
  std::uint64_t number = 0;
  const auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : unless_given;
}

Keep read_keep(const Node& node) {
  Keep keep;
  keep.history_days = static_cast<int>(number_of(node.find("history"), 90));
  keep.run_days = static_cast<int>(number_of(node.find("runs"), 90));
  if (const Node* plans = node.find("plans")) {
    const std::uint64_t unit = plans->text_or_empty().ends_with("MB") ? 1'000'000 : 1'000'000'000;
    keep.plan_bytes = number_of(plans, 2) * unit;
  }
  return keep;
}

void read_sections(const Node& root, Reading& reading, Config& config) {
  if (root.kind == Node::Kind::empty) {
    reading.mistakes.add(root.place, "the configuration is empty; `usher init` writes one to start from");
    return;
  }
  check(root, config_shape(), "the configuration", reading.mistakes);
  refuse_merges(root, reading.mistakes);
  for (const Entry& entry : root.entries)
    if (entry.key.text != "platforms" && entry.key.text != "state" && entry.key.text != "notify")
      refuse_references(entry.value, reading.mistakes);
  config.state = read_state(root.find("state"), reading);
  config.platforms = read_platforms(root.find("platforms"), reading);
  config.people = read_people(root.find("people"), config.platforms, reading);
  config.accounts = read_accounts(root.find("accounts"), config.platforms, reading);
  config.tables = read_tables(root.find("tables"), reading);
  if (const Node* tables = root.find("tables"))
    for (const Entry& entry : tables->entries) config.table_places[entry.key.text] = entry.key.place;
  if (const Node* run = root.find("run")) config.deadline = read_deadline(run->find("deadline"));
  if (const Node* keep = root.find("keep")) config.keep = read_keep(*keep);
  config.approvals = read_approvals(root.find("approvals"), reading);
  config.notify = read_notify(root.find("notify"), reading);
  config.tests = read_tests(root.find("tests"), config, reading);
  config.digest = rules_digest(config);
}

bool is_rules(const Entry& entry) {
  return entry.key.text == "people" || entry.key.text == "accounts";
}

/// Puts other people and accounts in the place of the configuration's own, whose tests go with them.
void replace_rules(Node& root, const RulesText& instead, Diagnostics& mistakes) {
  std::erase_if(root.entries, [](const Entry& one) { return is_rules(one) || one.key.text == "tests"; });
  const Node rules = read_document(instead.text, instead.name, mistakes);
  for (const Entry& entry : rules.entries) {
    if (is_rules(entry)) {
      root.entries.push_back(entry);
    } else {
      mistakes.add(entry.key.place,
                   "only 'people' and 'accounts' can stand here, not '" + entry.key.text + "'");
    }
  }
}

}  // namespace

tl::expected<Config, std::vector<Diagnostic>> load_config(const std::filesystem::path& file, Secrets secrets,
                                                          const std::optional<RulesText>& instead) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  if (!in || std::filesystem::is_directory(file, error)) {
    const bool absent = !in && errno == ENOENT;
    const std::string reason = in ? "it is a folder" : std::strerror(errno);
    Diagnostic mistake;
    mistake.place.file = file.string();
    mistake.message =
        "the configuration cannot be opened: " + reason + (absent ? "; `usher init` writes one" : "");
    return tl::unexpected(std::vector<Diagnostic>(1, std::move(mistake)));
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Config config;
  config.file = file;
  config.lines = lines_for_messages(text);
  Diagnostics mistakes(file.string(), config.lines);
  Node root = read_document(text, file.string(), mistakes);
  if (instead) replace_rules(root, *instead, mistakes);
  Reading reading{std::filesystem::absolute(file).parent_path(), secrets, mistakes};
  if (mistakes.none() || root.kind != Node::Kind::empty) read_sections(root, reading, config);
  if (instead && instead->state) config.state = *instead->state;
  if (!mistakes.none()) return tl::unexpected(mistakes.sorted());
  config.warnings = mistakes.warnings();
  return config;
}

}  // namespace usher
