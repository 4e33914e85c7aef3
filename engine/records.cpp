#include "engine/records.hpp"

#include <nlohmann/json.hpp>

namespace usher {

namespace {

using nlohmann::json;

std::string record_text(const Source& source, std::string_view id, bool active, std::string_view attributes) {
  if (source.is_file) return std::string(attributes);
  std::string text = active ? R"({"active":true,"id":)" : R"({"active":false,"id":)";
  text += json(id).dump();
  if (attributes.size() > 2) text += ',';
  text += attributes.substr(1);
  return text;
}

bool is_empty(const json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
}

/// What `record` lacks, from a source of less authority.
void complete(json& record, const json& other) {
  for (const auto& [name, value] : other.items()) {
    json& mine = record[name];
    if (is_empty(mine)) mine = value;
  }
}

}  // namespace

std::optional<Records::Found> Records::find(const Fingerprint& key) {
  std::optional<Found> found;
  for (const Source& source : sources_) {
    const auto stored = snapshots_.find(source.platform, key);
    if (!stored) continue;
    std::string text =
        record_text(source, stored->account.id, stored->account.active, stored->account.attributes);
    if (!found) {
      found = {std::move(text), source.name, stored->generation};
      continue;
    }
    json merged = json::parse(found->text);
    complete(merged, json::parse(text));
    found->text = merged.dump();
    if (stored->generation >= found->generation) {
      found->source = source.name;
      found->generation = stored->generation;
    }
  }
  return found;
}

std::string Records::of(const AccountView& view, std::size_t from) {
  if (sources_.size() > 1) return std::move(find(view.key)->text);
  return record_text(sources_[from], view.id, view.active, view.attributes);
}

bool Records::has_earlier(const Fingerprint& key, std::size_t from) {
  for (std::size_t i = 0; i < from; ++i) {
    if (snapshots_.find(sources_[i].platform, key)) return true;
  }
  return false;
}

}  // namespace usher
