#include "connectors/recipe/reading.hpp"

#include "connectors/canonical.hpp"

namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

std::string RecipeConnector::Position::to_string() const {
  json pairs = json::array();
  for (const Entitlement& group : pending) pairs.push_back({group.id, group.name, group.scope});
  return json::array({phase, to_json(state), to_json(groups), no_more_groups, pairs}).dump();
}

std::optional<RecipeConnector::Position> RecipeConnector::Position::from_string(const std::string& text) {
  try {
    const json all = json::parse(text);
    Position position;
    all.at(0).get_to(position.phase);
    position.state = listing_state(all.at(1));
    position.groups = listing_state(all.at(2));
    all.at(3).get_to(position.no_more_groups);
    for (const json& one : all.at(4)) {
      position.pending.push_back({.kind = {}, .id = one.at(0), .name = one.at(1), .scope = one.at(2)});
    }
    return position;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

Outcome<element> RecipeConnector::Parser::parse(const Reply& reply) {
  const std::string& body = reply.response.body;
  element document;
  const bool has_room = body.capacity() - body.size() >= simdjson::SIMDJSON_PADDING;
  const auto error = parser.parse(body.data(), body.size(), !has_room).get(document);
  if (error == simdjson::SUCCESS) return document;
  Failure failure;
  failure.kind = FailureKind::malformed;
  failure.status = reply.response.status;
  failure.request = reply.shown;
  failure.message =
      body.empty() ? "the reply is empty" : std::string("the reply is no JSON: ") + error_message(error);
  return tl::unexpected(std::move(failure));
}

std::string text_at(const element& item, const std::string& path) {
  element found;
  if (!element_at(item, path, found)) return {};
  return scalar_text(found).value_or("");
}

Entitlement entitlement_in(const element& item, const EntitlementRecipe& kind) {
  return {.kind = kind.kind,
          .id = text_at(item, kind.id),
          .name = text_at(item, kind.name),
          .scope = kind.scope.empty() ? "" : text_at(item, kind.scope)};
}

std::vector<std::string> details_at(const element& item, const std::string& path) {
  element details;
  return !path.empty() && element_at(item, path, details) ? text_list(details) : std::vector<std::string>();
}

}  // namespace usher::recipe
