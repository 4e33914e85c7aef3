#include "engine/desired/managed_digest.hpp"

#include <algorithm>

#include "connectors/canonical.hpp"
#include "engine/desired/desired_account_json.hpp"

namespace usher {

namespace {

constexpr char end_of_value = '\x1f';  // stands in no JSON text

}  // namespace

ManagedDigest::ManagedDigest(const Fingerprinter& fingerprints, const Target& target,
                             const EntitlementNames& names)
    : fingerprints_(fingerprints), program_(*target.program) {
  if (!program_.rules().groups) return;
  for (const GroupRule& rule : *program_.rules().groups)
    group_ids_.push_back({&rule, names.id_of(rule.kind, rule.name).value_or(""), details_of(rule, program_)});
}

tl::expected<std::optional<Fingerprint>, RuleFailure> ManagedDigest::of(const WantedAccount& wanted) {
  text_.clear();
  for (const WantedAccount::Value& value : wanted.values) {
    const std::size_t before = text_.size();
    if (auto appended = append_desired_value(value, text_); !appended)
      return tl::unexpected(appended.error());
    if (value.assignment->attribute->readable)
      text_ += end_of_value;
    else
      text_.resize(before);
  }
  if (!append_groups(wanted)) return std::nullopt;
  return fingerprints_.of({"managed", text_});
}

std::optional<Fingerprint> ManagedDigest::of(const AccountView& account, simdjson::dom::element attributes) {
  text_.clear();
  for (const AccountProgram::Assignment& assignment : program_.assignments()) {
    if (!assignment.attribute->readable) continue;
    simdjson::dom::element value;
    if (element_at(attributes, assignment.path, value))
      append_canonical(text_, value);
    else
      text_ += "null";
    text_ += end_of_value;
  }
  if (!append_memberships(account.memberships)) return std::nullopt;
  return fingerprints_.of({"managed", text_});
}

bool ManagedDigest::append_groups(const WantedAccount& wanted) {
  if (group_ids_.empty()) return true;
  edges_.clear();
  for (const GroupRule* rule : wanted.groups) {
    const GroupId& group = group_ids_[static_cast<std::size_t>(rule - program_.rules().groups->data())];
    if (group.id.empty()) return false;
    std::vector<std::string_view>& details = edges_[{rule->kind, group.id}];
    details.insert(details.end(), group.details.begin(), group.details.end());
  }
  for (auto& [edge, details] : edges_) {
    std::sort(details.begin(), details.end());
    details.erase(std::unique(details.begin(), details.end()), details.end());
  }
  append_edges();
  return true;
}

bool ManagedDigest::append_memberships(std::string_view memberships) {
  if (!program_.rules().groups || memberships.size() <= 2) return true;  // "{}"
  edges_.clear();
  simdjson::dom::object kinds;
  if (parser_.parse(memberships.data(), memberships.size()).get(kinds) != simdjson::SUCCESS) return false;
  for (const auto [kind, held] : kinds) {
    simdjson::dom::object ids;
    if (!manages(kind)) continue;
    if (held.get(ids) != simdjson::SUCCESS) return false;
    for (const auto [id, list] : ids) {
      simdjson::dom::array details;
      if (list.get(details) != simdjson::SUCCESS) return false;
      std::vector<std::string_view>& texts = edges_[{kind, id}];
      for (const simdjson::dom::element detail : details) {
        if (detail.get(texts.emplace_back()) != simdjson::SUCCESS) return false;
      }
    }
  }
  append_edges();
  return true;
}

void ManagedDigest::append_edges() {
  const auto append = [this](std::string_view text) { append_json_string(text_, text); };
  for (const auto& [edge, details] : edges_) {
    append(edge.first);
    append(edge.second);
    std::ranges::for_each(details, append);
    text_ += end_of_value;
  }
}

bool ManagedDigest::manages(std::string_view kind) const {
  return group_ids_.empty() ||
         std::ranges::any_of(group_ids_, [&](const GroupId& group) { return group.rule->kind == kind; });
}

}  // namespace usher
