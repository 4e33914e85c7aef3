#include "engine/desired/entitlement_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "state/model/fingerprint.hpp"
#include "state/model/suggestion.hpp"

namespace usher {

EntitlementNames::EntitlementNames(const std::vector<Entitlement>& entitlements,
                                   const std::vector<Entitlement>& former) {
  for (const Entitlement& one : former) former_[{one.kind, one.id}] = one.name;
  for (const Entitlement& entitlement : entitlements) {
    ids_[{entitlement.kind, entitlement.name}].push_back(entitlement.id);
    if (!entitlement.scope.empty()) {
      ids_[{entitlement.kind, entitlement.scope + "/" + entitlement.name}].push_back(entitlement.id);
    }
    names_[{entitlement.kind, entitlement.id}] = entitlement.name;
  }
  for (auto& [name, ids] : ids_) std::sort(ids.begin(), ids.end());
}

tl::expected<std::string, std::string> EntitlementNames::id_of(std::string_view kind,
                                                               const std::string& said) const {
  const std::string k(kind);
  if (names_.count({k, said}) > 0) return said;
  const auto found = ids_.find({k, said});
  if (found != ids_.end() && found->second.size() == 1) return found->second.front();
  if (found != ids_.end()) {
    return tl::unexpected(fmt::format("{} {}s are called '{}': name one by its id ({}) or as owner/name",
                                      found->second.size(), kind, said, fmt::join(found->second, ", ")));
  }
  std::vector<std::string> known;
  for (const auto& [name, ids] : ids_) {
    if (name.first == k) known.push_back(name.second);
  }
  return tl::unexpected(fmt::format("there is no {} '{}'{}", kind, said, did_you_mean(said, known)));
}

std::string EntitlementNames::name_of(std::string_view kind, const std::string& id) const {
  const std::pair key{std::string(kind), id};
  for (const auto* known : {&names_, &former_}) {
    const auto found = known->find(key);
    if (found != known->end() && !found->second.empty()) return found->second;
  }
  return id;
}

bool EntitlementNames::has(std::string_view kind, const std::string& id) const {
  return names_.contains({std::string(kind), id});
}

std::string EntitlementNames::digest() const {
  std::string text;
  for (const auto& [key, name] : names_) text += fmt::format("{}\n{}\n{}\n", key.first, key.second, name);
  for (const auto& [key, ids] : ids_) text += fmt::format("{}\n{}\n", key.second, fmt::join(ids, "\n"));
  return public_digest(text);
}

}  // namespace usher
