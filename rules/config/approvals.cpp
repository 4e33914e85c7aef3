#include <fmt/format.h>

#include <charconv>
#include <set>

#include "rules/config/sections.hpp"

namespace usher {

ApprovalRules read_approvals(const Node* approvals, Reading& reading) {
  ApprovalRules rules;
  if (approvals == nullptr) return rules;
  rules.place = approvals->place;
  const Node* by = approvals->find("by");
  if (by == nullptr) return rules;
  std::set<std::string> names;
  for (const Node& one : by->items) {
    const std::string& name = one.text_or_empty();
    if (!names.insert(name).second) reading.mistakes.add(one.place, fmt::format("'{}' is named twice", name));
    rules.by.push_back(name);
  }
  if (const Node* required = approvals->find("required")) {
    const std::string& text = required->text_or_empty();
    std::from_chars(text.data(), text.data() + text.size(), rules.required);
    if (rules.required > rules.by.size())
      reading.mistakes.add(required->place,
                           fmt::format("{} must sign, and only {} may", rules.required, rules.by.size()));
  }
  const Node* file = approvals->find("allowed-signers");
  const std::string name = file == nullptr ? "allowed_signers" : file->text_or_empty();
  rules.signers = (reading.directory / name).lexically_normal();
  return rules;
}

}  // namespace usher
