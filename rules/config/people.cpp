#include <set>

#include "rules/config/sections.hpp"

namespace usher {

PeopleRules read_people(const Node* people, const std::map<std::string, Settings>& platforms,
                        Reading& reading) {
  PeopleRules rules;
  if (people == nullptr) return rules;
  rules.place = people->place;
  for (const Entry& entry : people->entries) rules.keys[entry.key.text] = entry.key.place;
  if (const Node* from = people->find("from"); from != nullptr) {
    std::set<std::string> seen;
    for (const Node& one : from->kind == Node::Kind::list ? from->items : std::vector<Node>{*from}) {
      const std::string& name = one.text_or_empty();
      if (name.empty()) continue;
      expect_platform(name, one.place, platforms, reading.mistakes);
      if (!seen.insert(name).second) reading.mistakes.add(one.place, "'" + name + "' is named twice");
      rules.from.push_back(name);
    }
  }
  rules.key = read_expression(people->find("key"), reading);
  rules.active = read_expression(people->find("active"), reading);
  if (const Node* rekey = people->find("rekey"); rekey != nullptr)
    rules.rekey_by_match = rekey->text_or_empty() == "by-match";
  if (const Node* attributes = people->find("attributes"); attributes != nullptr)
    for (const auto& [name, value] : attributes->entries)
      rules.attributes.emplace_back(name.text, read_expression(&value, reading));
  rules.guards = read_guards(people->find("guards"));
  return rules;
}

}  // namespace usher
