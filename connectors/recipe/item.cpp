#include "connectors/recipe/item.hpp"

#include <simdjson.h>

#include <algorithm>

#include "connectors/canonical.hpp"

namespace usher::recipe {

using simdjson::dom::element;

bool passes(const ItemFilter& filter, const element& item, Scope& scope) {
  const auto has_one = [&](const auto& path, const std::vector<TextTemplate>& texts) {
    const std::string held = text_at(item, path);
    return std::any_of(texts.begin(), texts.end(), [&](const TextTemplate& text) {
      return text.expand(scope, TextTemplate::For::value) == held;
    });
  };
  return std::all_of(filter.only.begin(), filter.only.end(),
                     [&](const auto& one) { return has_one(one.first, one.second); }) &&
         std::none_of(filter.except.begin(), filter.except.end(),
                      [&](const auto& one) { return has_one(one.first, one.second); });
}

std::string text_at(const element& item, const std::string& path) {
  element found;
  if (!element_at(item, path, found)) return {};
  return scalar_text(found).value_or("");
}

std::string edge_id_in(const element& item, const MembershipReading& reading) {
  return reading.id.empty() ? text_at(item, reading.account) + " " + text_at(item, reading.entitlement)
                            : text_at(item, reading.id);
}

Entitlement entitlement_in(const element& item, const EntitlementRecipe& kind) {
  return {.kind = kind.kind,
          .id = text_at(item, kind.id),
          .name = text_at(item, kind.name),
          .scope = kind.scope.empty() ? "" : text_at(item, kind.scope)};
}

std::optional<std::vector<std::string>> details_at(const element& item, const std::string& path) {
  return path.empty() ? std::vector<std::string>() : texts_at(item, path);
}

}  // namespace usher::recipe
