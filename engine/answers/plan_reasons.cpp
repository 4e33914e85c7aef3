#include "engine/answers/plan_reasons.hpp"

#include <simdjson.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "connectors/json_view.hpp"
#include "state/model/plan_parts_json.hpp"
#include "state/model/sha256.hpp"

namespace usher {

namespace {

/// The changes that the operations belong to, by their place in the plan.
std::map<std::uint64_t, std::vector<std::string>> places_of(const simdjson::dom::element& plan,
                                                            const std::set<std::string>& operations) {
  std::map<std::uint64_t, std::vector<std::string>> places;
  for (const simdjson::dom::element operation : view::items(plan["operations"])) {
    std::string id(view::text(operation["id"]));
    if (operations.contains(id))
      places[view::number<std::uint64_t>(operation["change"])].push_back(std::move(id));
  }
  return places;
}

}  // namespace

std::map<std::string, Change> changes_of(std::string_view content, std::string_view digest,
                                         const std::set<std::string>& operations) {
  if (sha256(content) != digest)
    throw std::runtime_error("was altered: its digest does not agree with its content");
  simdjson::dom::parser parser;
  simdjson::dom::element plan;
  if (parser.parse(content.data(), content.size()).get(plan) != simdjson::SUCCESS)
    throw std::runtime_error("is not JSON");
  const auto places = places_of(plan, operations);
  std::map<std::string, Change> found;
  auto wanted = places.begin();
  std::uint64_t place = 0;
  for (const simdjson::dom::element change : view::items(plan["changes"])) {
    if (wanted == places.end()) break;
    if (place++ != wanted->first) continue;
    const auto read = nlohmann::json::parse(simdjson::minify(change)).get<Change>();
    for (const std::string& operation : wanted->second) found[operation] = read;
    ++wanted;
  }
  return found;
}

}  // namespace usher
