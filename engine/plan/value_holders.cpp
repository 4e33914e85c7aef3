#include "engine/plan/value_holders.hpp"

#include <simdjson.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <iterator>

#include "engine/desired/account_text.hpp"
#include "engine/desired/case_folding.hpp"
#include "state/model/normalise.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

void look_at(const Database& database, const Target& target, const std::vector<std::string>& paths,
             const std::vector<UniqueValue>& values, const AccountView& view, simdjson::dom::parser& parser,
             std::vector<ValueHolder>& out) {
  simdjson::dom::element attributes;
  if (parser.parse(view.attributes.data(), view.attributes.size()).get(attributes) != simdjson::SUCCESS)
    return;
  for (std::uint32_t i = 0; i < paths.size(); ++i) {
    const std::string_view text = text_at(attributes, paths[i]);
    if (text.empty()) continue;
    const UniqueValue value{i, compared(database, target, paths[i], std::string(text))};
    if (std::binary_search(values.begin(), values.end(), value)) out.push_back({value, view.key});
  }
}

}  // namespace

Fingerprint compared(const Database& database, const Target& target, const std::string& path,
                     const std::string& text) {
  Normalisation how;
  if (const Attribute* attribute = target.program->capabilities().schema.find(path); attribute != nullptr)
    how = attribute->normalise;
  for (const MatchRule& rule : target.program->rules().match) {
    if (rule.account == path && rule.fold_case) return database.fingerprints().of_id(loosely_folded(text));
  }
  return database.fingerprints().of_id(normalised(text, how));
}

std::vector<ValueHolder> holders_of(const Database& database, const Target& target,
                                    const std::vector<std::string>& paths, std::vector<UniqueValue> values) {
  std::vector<ValueHolder> holders;
  if (values.empty()) return holders;
  std::sort(values.begin(), values.end());
  Connection connection = database.reader();
  const std::vector<RowSlice> slices = Snapshots(connection).row_slices(target.platform, 32);
  std::vector<std::vector<ValueHolder>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection own = database.reader();
    simdjson::dom::parser parser;
    Snapshots(own).for_each_alive(slices[i], [&](const AccountView& view) {
      look_at(database, target, paths, values, view, parser, parts[i]);
    });
  });
  for (const auto& part : parts) std::copy(part.begin(), part.end(), std::back_inserter(holders));
  std::sort(holders.begin(), holders.end());
  return holders;
}

}  // namespace usher
