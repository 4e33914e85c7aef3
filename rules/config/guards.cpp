#include <cstdlib>

#include "rules/config/sections.hpp"
#include "rules/guard_defaults.hpp"
#include "state/model/named.hpp"

namespace usher {

namespace {

/// A percentage alone has the floor of the guard that it takes the place of.
Guard read_guard(const Node& node, GuardKind kind) {
  Guard guard = default_guard(kind).value_or(Guard());
  guard.place = node.place;
  if (node.kind == Node::Kind::map) {
    if (const Node* percent = node.find("percent"); percent != nullptr)
      guard.percent = std::strtod(percent->text.c_str(), nullptr);
    if (const Node* floor = node.find("at-least"); floor != nullptr)
      guard.at_least = std::strtoull(floor->text.c_str(), nullptr, 10);
  } else if (node.text.ends_with('%')) {
    guard.percent = std::strtod(node.text.c_str(), nullptr);
  } else {
    guard.percent = 0;
    guard.at_least = std::strtoull(node.text.c_str(), nullptr, 10);
  }
  return guard;
}

}  // namespace

std::map<GuardKind, Guard> read_guards(const Node* guards) {
  std::map<GuardKind, Guard> rules;
  if (guards == nullptr) return rules;
  for (const auto& [name, value] : guards->entries) {
    if (const auto kind = named<GuardKind>(name.text)) rules[*kind] = read_guard(value, *kind);
  }
  return rules;
}

}  // namespace usher
