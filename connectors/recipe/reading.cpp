#include "connectors/recipe/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/canonical.hpp"
#include "connectors/json_repair.hpp"

namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

std::string RecipeConnector::Position::to_string() const {
  json pairs = json::array();
  for (const Entitlement& group : pending) pairs.push_back({group.id, group.name, group.scope});
  json known = json::array();
  for (const Chain& one : chains) known.push_back({one.of, one.digest, one.items});
  return json::array({phase, to_json(state), to_json(groups), no_more_groups, pairs, known}).dump();
}

void RecipeConnector::Position::remember(std::string listing, std::string digest, std::uint64_t items) {
  chains.push_back({std::move(listing), std::move(digest), items});
}

ListingState RecipeConnector::Position::second_reading(std::string_view listing) const {
  ListingState again;
  const auto known =
      std::find_if(chains.begin(), chains.end(), [&](const Chain& one) { return one.of == listing; });
  if (known == chains.end()) return again;
  again.again = true;
  again.first_chain = known->digest;
  again.first_seen = known->items;
  return again;
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
    for (const json& one : all.at(5)) position.chains.push_back({one.at(0), one.at(1), one.at(2)});
    return position;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

namespace {

constexpr std::size_t deepest_reply = 200;

simdjson::error_code parse_within(simdjson::dom::parser& parser, const char* text, std::size_t size,
                                  bool copy, element& document) {
  // What a parser allocates anew it allocates for so many levels.
  if (parser.max_depth() != deepest_reply) {
    if (const auto error = parser.allocate(std::max<std::size_t>(size, 64 << 10), deepest_reply))
      return error;
  }
  return parser.parse(text, size, copy).get(document);
}

bool may_be_repaired(simdjson::error_code error) {
  return error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR ||
         error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS ||
         error == simdjson::TAPE_ERROR || error == simdjson::N_ATOM_ERROR ||
         error == simdjson::INCORRECT_TYPE;
}

}  // namespace

Outcome<element> RecipeConnector::Parser::parse(const Reply& reply) {
  const std::string& body = reply.response.body;
  marked.reset();
  element document;
  const std::size_t start = body.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const bool has_room = body.capacity() - body.size() >= simdjson::SIMDJSON_PADDING;
  auto error = parse_within(parser, body.data() + start, body.size() - start, !has_room, document);
  if (may_be_repaired(error)) {
    if (const auto repaired = repair_json(std::string_view(body).substr(start))) {
      error = parse_within(parser, repaired->text.data(), repaired->text.size(), true, document);
      element other;
      if (error == simdjson::SUCCESS &&
          parse_within(of_marked, repaired->marked.data(), repaired->marked.size(), true, other) ==
              simdjson::SUCCESS)
        marked = other;
    }
  }
  if (error == simdjson::SUCCESS) return document;
  Failure failure;
  failure.kind = FailureKind::malformed;
  failure.status = reply.response.status;
  failure.request = reply.shown;
  failure.message = body.empty() ? "the reply is empty"
                    : error == simdjson::DEPTH_ERROR
                        ? fmt::format("the reply nests more than {} levels deep", deepest_reply)
                        : std::string("the reply is no JSON: ") + error_message(error);
  return tl::unexpected(std::move(failure));
}

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
