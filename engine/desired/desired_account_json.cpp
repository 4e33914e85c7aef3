#include "engine/desired/desired_account_json.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

bool is_plain_text(const cel::Value& value, const Attribute& attribute) {
  const Normalisation& how = attribute.normalise;
  return value.is_string() && !value.as_string().empty() && !how.trim && !how.lower && !how.nfc;
}

/// Whether a platform takes a text. Patterns are compiled once a thread.
bool fits(const std::string& pattern, std::string_view text) {
  thread_local std::map<std::string, std::unique_ptr<re2::RE2>> compiled;
  auto& expression = compiled[pattern];
  if (!expression) expression = std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet);
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *expression);
}

tl::expected<void, RuleFailure> check_pattern(const WantedAccount::Value& wanted, std::string_view text) {
  const Attribute& attribute = *wanted.assignment->attribute;
  if (attribute.pattern.empty() || fits(attribute.pattern, text)) return {};
  const std::string place = wanted.assignment->expression->place.to_string();
  return tl::unexpected(
      RuleFailure{fmt::format("{}: {} is '{}', and the platform takes only what matches {}", place,
                              attribute.path, text, attribute.pattern),
                  fmt::format("{}: {} is not as the platform takes it, which is what matches {}", place,
                              attribute.path, attribute.pattern)});
}

/// Characters, not bytes: continuation bytes do not count.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_groups(const WantedAccount& wanted, const AccountProgram& program, std::string& out) {
  nlohmann::json groups = nlohmann::json::array();
  for (const GroupRule* rule : wanted.groups) {
    groups.push_back({rule->kind, rule->name, details_of(*rule, program)});
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  out += groups.dump();
}

}  // namespace

tl::expected<void, RuleFailure> append_desired_value(const WantedAccount::Value& wanted, std::string& out) {
  const Attribute& attribute = *wanted.assignment->attribute;
  std::size_t length = 0;
  if (is_plain_text(wanted.value, attribute)) {  // nearly every value of nearly every person
    length = length_of(wanted.value.as_string());
    if (auto fit = check_pattern(wanted, wanted.value.as_string()); !fit) return fit;
    cel::append_json(wanted.value, out);
  } else {
    const nlohmann::json value = normalised(cel::to_json(wanted.value), attribute);
    if (value.is_string()) {
      length = length_of(value.get_ref<const std::string&>());
      if (auto fit = check_pattern(wanted, value.get_ref<const std::string&>()); !fit) return fit;
    }
    out += value.dump();
  }
  if (attribute.max_length && length > *attribute.max_length) {
    const std::string place = wanted.assignment->expression->place.to_string();
    return tl::unexpected(RuleFailure{fmt::format("{}: {} has {} characters, the platform takes {}", place,
                                                  attribute.path, length, *attribute.max_length),
                                      fmt::format("{}: {} has more characters than the {} the platform takes",
                                                  place, attribute.path, *attribute.max_length)});
  }
  return {};
}

std::vector<std::string> details_of(const GroupRule& rule, const AccountProgram& program) {
  const EntitlementKind& kind = *program.capabilities().entitlement(rule.kind);
  std::vector<std::string> details = kind.closure(rule.details.empty() ? kind.default_details : rule.details);
  std::sort(details.begin(), details.end());
  details.erase(std::unique(details.begin(), details.end()), details.end());
  return details;
}

tl::expected<std::string, RuleFailure> desired_account_json(const WantedAccount& wanted,
                                                            const AccountProgram& program) {
  std::string out;
  out.reserve(256);
  out += '{';
  if (program.rules().groups) {
    out += "\"groups\":";
    append_groups(wanted, program, out);
    out += ',';
  }
  out += "\"set\":{";
  bool first = true;
  for (const WantedAccount::Value& value : wanted.values) {
    if (!first) out += ',';
    first = false;
    out += '"';
    out += value.assignment
               ->path;  // needs no escapes: a recipe allows no quotes, backslashes and line breaks there
    out += "\":";
    if (auto appended = append_desired_value(value, out); !appended) return tl::unexpected(appended.error());
  }
  out += "}}";
  return out;
}

}  // namespace usher
