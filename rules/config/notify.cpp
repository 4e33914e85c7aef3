#include <fmt/format.h>

#include <set>

#include "rules/config/references.hpp"
#include "rules/config/sections.hpp"
#include "state/model/duration.hpp"

namespace usher {
namespace {

/// Of the form that notify_shape() says, "45m"; what differs is reported already.
std::chrono::seconds notify_duration(const Node* node, std::chrono::seconds otherwise) {
  const std::string text = node == nullptr ? "" : node->text_or_empty();
  if (text == "always") return std::chrono::seconds(0);
  const auto duration = read_duration(text);
  return duration ? std::chrono::floor<std::chrono::seconds>(*duration) : otherwise;
}

void add_event(const std::string& text, std::set<NoticeKind>& events) {
  for (const NoticeKind kind :
       {NoticeKind::held, NoticeKind::failed, NoticeKind::attention, NoticeKind::stale, NoticeKind::changed})
    if (text == to_string(kind)) events.insert(kind);
}

/// A secret that is missing does not keep a run from running: it is told here and when the notification is
/// sent.
std::string text_with_references(const Node& node, Reading& reading) {
  const std::string& text = node.text_or_empty();
  if (!has_reference(text)) return text;
  if (const auto form = resolve_references(text, reading.directory, false); !form)
    reading.mistakes.add(node.place, form.error());
  return text;
}

NotifyRule read_rule(const Node& node, std::size_t number, Reading& reading) {
  NotifyRule rule;
  rule.place = node.place;
  rule.directory = reading.directory.string();
  const Node* name = node.find("name");
  rule.name = name == nullptr ? fmt::format("{}", number) : name->text_or_empty();
  if (const Node* on = node.find("on")) {
    for (const Node& one : on->items) add_event(one.text_or_empty(), rule.on);
    add_event(on->text_or_empty(), rule.on);
  }
  if (const Node* command = node.find("command")) {
    rule.command = command->text_or_empty();
    if (names_reference(rule.command))
      reading.mistakes.add(command->place,
                           "a command holds no secrets: it can read its environment and files by itself");
  }
  if (const Node* webhook = node.find("webhook")) {
    rule.webhook = text_with_references(*webhook, reading);
    if (!rule.webhook.starts_with("http://") && !rule.webhook.starts_with("https://") &&
        !rule.webhook.starts_with("${"))
      reading.mistakes.add(webhook->place, "a webhook begins with https:// or http://");
  }
  if (const Node* headers = node.find("headers"))
    for (const Entry& entry : headers->entries)
      rule.headers.emplace_back(entry.key.text, text_with_references(entry.value, reading));
  rule.timeout = notify_duration(node.find("timeout"), rule.timeout);
  rule.repeat = notify_duration(node.find("repeat"), rule.repeat);
  rule.max_age = notify_duration(node.find("max-age"), rule.max_age);
  return rule;
}

}  // namespace

std::vector<NotifyRule> read_notify(const Node* notify, Reading& reading) {
  std::vector<NotifyRule> rules;
  if (notify == nullptr) return rules;
  std::set<std::string> names;
  for (const Node& node : notify->items) {
    NotifyRule rule = read_rule(node, rules.size() + 1, reading);
    if (!names.insert(rule.name).second)
      reading.mistakes.add(node.place, fmt::format("'{}' is named twice", rule.name));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace usher
