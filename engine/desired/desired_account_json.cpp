#include "engine/desired/desired_account_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

bool is_plain_text(const cel::Value& value, const Attribute& attribute) {
  const Normalisation& how = attribute.normalise;
  return value.is_string() && !value.as_string().empty() && !how.trim && !how.lower && !how.nfc;
}

/// Characters, not bytes: continuation bytes do not count.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

tl::expected<void, std::string> append_value(const WantedAccount::Value& wanted, std::string& out) {
  const Attribute& attribute = *wanted.assignment->attribute;
  std::size_t length = 0;
  if (is_plain_text(wanted.value, attribute)) {  // nearly every value of nearly every person
    length = length_of(wanted.value.as_string());
    cel::append_json(wanted.value, out);
  } else {
    const nlohmann::json value = normalised(cel::to_json(wanted.value), attribute);
    if (value.is_string()) length = length_of(value.get_ref<const std::string&>());
    out += value.dump();
  }
  if (attribute.max_length && length > *attribute.max_length) {
    return tl::unexpected(fmt::format("{}: {} has {} characters, the platform takes {}",
                                      wanted.assignment->expression->place.to_string(), attribute.path,
                                      length, *attribute.max_length));
  }
  return {};
}

void append_groups(const WantedAccount& wanted, const AccountProgram& program, std::string& out) {
  nlohmann::json groups = nlohmann::json::array();
  for (const GroupRule* rule : wanted.groups) {
    const EntitlementKind& kind = *program.capabilities().entitlement(rule->kind);
    std::vector<std::string> details =
        kind.closure(rule->details.empty() ? kind.default_details : rule->details);
    std::sort(details.begin(), details.end());
    details.erase(std::unique(details.begin(), details.end()), details.end());
    groups.push_back({rule->kind, rule->name, details});
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  out += groups.dump();
}

}  // namespace

tl::expected<std::string, std::string> desired_account_json(const WantedAccount& wanted,
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
    if (auto appended = append_value(value, out); !appended) return tl::unexpected(appended.error());
  }
  out += "}}";
  return out;
}

}  // namespace usher
