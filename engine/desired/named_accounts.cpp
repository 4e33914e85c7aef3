#include "engine/desired/named_accounts.hpp"

#include <simdjson.h>
#include <tbb/parallel_for.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "engine/desired/desired_account_reader.hpp"
#include "engine/desired/match_way.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

constexpr std::size_t slices = 16;

using Sought = std::map<Fingerprint, std::vector<std::string>>;  // what a way looks for -> account ids

/// What everybody looks for in each way.
std::vector<Sought> values_of(const Fingerprinter& fingerprints, const std::vector<MatchWay>& ways,
                              std::span<const Account> accounts) {
  std::vector<Sought> sought(ways.size());
  simdjson::dom::parser parser;
  for (const Account& account : accounts) {
    simdjson::dom::element attributes;
    if (parser.parse(account.attributes).get(attributes) != simdjson::SUCCESS) continue;
    for (std::size_t way = 0; way < ways.size(); ++way) {
      const std::string_view value = ways[way].value_of(account.id, attributes);
      if (!value.empty()) sought[way][ways[way].digest(fingerprints, value)].push_back(account.id);
    }
  }
  return sought;
}

/// The values a person looks for, one a way; the natural key, where it is wanted, comes last.
std::vector<std::string> values_of(const DesiredAccountReader::Answer& person, const Capabilities& can) {
  std::vector<std::string> values = person.match_values;
  if (can.natural_key.empty() || person.content.empty()) return values;
  const nlohmann::json content = nlohmann::json::parse(person.content);
  const auto value = content.at("set").find(can.natural_key);
  const bool given = value != content.at("set").end() && value->is_string();
  values.push_back(given ? value->get<std::string>() : std::string());
  return values;
}

}  // namespace

std::map<std::string, std::string> named_accounts(const Database& database, const PlanningInput& input,
                                                  std::size_t target, std::span<const Account> accounts) {
  if (accounts.empty()) return {};
  const std::vector<MatchWay> ways = match_ways(input.targets[target]);
  const std::vector<Sought> sought = values_of(database.fingerprints(), ways, accounts);
  const Capabilities& can = input.targets[target].program->capabilities();
  const std::vector<KeySlice> parts = key_slices(slices);
  std::vector<std::vector<std::pair<std::string, std::string>>> found(parts.size());
  tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    Connection own = database.reader();
    DesiredAccountReader reader(own, input);
    People(connection).for_each_in(parts[i], [&](const PersonRow& person) {
      const std::vector<std::string> values = values_of(reader.read(person.record, target), can);
      for (std::size_t way = 0; way < std::min(ways.size(), values.size()); ++way) {
        if (values[way].empty()) continue;
        const auto hit = sought[way].find(ways[way].digest(database.fingerprints(), values[way]));
        if (hit == sought[way].end()) continue;
        for (const std::string& account : hit->second) found[i].emplace_back(account, person.id);
      }
    });
  });
  std::map<std::string, std::string> named;
  for (const auto& part : found) {
    for (const auto& [account, person] : part) {
      const auto [known, is_new] = named.emplace(account, person);
      if (!is_new && person < known->second) known->second = person;
    }
  }
  return named;
}

}  // namespace usher
