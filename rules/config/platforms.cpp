#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "rules/config/references.hpp"
#include "rules/config/sections.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

nlohmann::json texts_of(const Node& list) {
  nlohmann::json items = nlohmann::json::array();
  for (const Node& item : list.items) items.push_back(item.text_or_empty());
  return items;
}

/// One option; a list becomes a JSON array of texts, a map an object of texts and lists.
Setting read_option(const Node& node, Reading& reading) {
  Setting setting;
  setting.place = node.place;
  std::string text = node.text;
  if (node.kind == Node::Kind::list) {
    text = texts_of(node).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else if (node.kind == Node::Kind::map) {
    nlohmann::json members = nlohmann::json::object();
    for (const Entry& entry : node.entries)
      members[entry.key.text] = entry.value.kind == Node::Kind::list
                                    ? texts_of(entry.value)
                                    : nlohmann::json(entry.value.text_or_empty());
    text = members.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  if (!has_reference(text)) {
    setting.text = std::move(text);
    return setting;
  }
  setting.is_secret = true;
  setting.pending = reading.secrets == Secrets::skip;
  auto resolved = resolve_references(text, reading.directory, !setting.pending);
  if (!resolved) {
    reading.mistakes.add(node.place, resolved.error());
    return setting;
  }
  if (!resolved->warning.empty()) reading.mistakes.warn(node.place, resolved->warning);
  setting.secret = Secret(std::move(resolved->text));
  for (std::string& part : resolved->parts) setting.parts.emplace_back(std::move(part));
  return setting;
}

}  // namespace

std::map<std::string, Settings> read_platforms(const Node* platforms, Reading& reading) {
  std::map<std::string, Settings> read;
  if (platforms == nullptr) return read;
  for (const auto& [key, value] : platforms->entries) {
    Settings settings;
    settings.platform = key.text;
    settings.directory = reading.directory.string();
    settings.place = key.place;
    for (const auto& [option, given] : value.entries) {
      if (option.text == "connector") {
        settings.connector = given.text_or_empty();
        settings.connector_place = given.place;
      } else {
        settings.options[option.text] = read_option(given, reading);
      }
    }
    read[key.text] = std::move(settings);
  }
  return read;
}

void expect_platform(const std::string& name, const SourceLocation& place,
                     const std::map<std::string, Settings>& platforms, Diagnostics& mistakes) {
  if (name.empty() || platforms.contains(name)) return;
  std::vector<std::string> known;
  for (const auto& [platform, settings] : platforms) known.push_back(platform);
  mistakes.add(place, fmt::format("no platform is called '{}'{}", name,
                                  did_you_mean(name, known, "; define it under 'platforms'")));
}

}  // namespace usher
