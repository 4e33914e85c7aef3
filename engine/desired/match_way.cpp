#include "engine/desired/match_way.hpp"

#include "engine/desired/account_text.hpp"
#include "engine/desired/case_folding.hpp"

namespace usher {

Fingerprint MatchWay::digest(const Fingerprinter& fingerprints, std::string_view value) const {
  return fold_case ? fingerprints.of_id(loosely_folded(value)) : fingerprints.of_id(value);
}

std::string_view MatchWay::value_of(std::string_view id, simdjson::dom::element attributes) const {
  return path == "id" ? id : text_at(attributes, path);
}

std::vector<MatchWay> match_ways(const Target& target) {
  std::vector<MatchWay> ways;
  for (const MatchRule& rule : target.program->rules().match) ways.push_back({rule.account, rule.fold_case});
  const std::string& natural = target.program->capabilities().natural_key;
  if (!natural.empty()) ways.push_back({natural});
  return ways;
}

}  // namespace usher
