#include "engine/desired/source_records.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "state/model/effect.hpp"
#include "state/store/lifecycle.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// `,"memberships":{"group":{"engineers":["m_read"]}}`
void append_details(std::string& text, const Source& source, const json& edges) {
  if (source.detailed.empty()) return;
  json all = json::object();
  for (const std::string& kind : source.detailed) {
    std::map<std::string, std::set<std::string>> details;
    if (const auto held = edges.find(kind); held != edges.end())
      for (const auto& [id, texts] : held->items())
        details[source.names->name_of(kind, id)].insert(texts.begin(), texts.end());
    all[kind] = details;
  }
  text += ",\"memberships\":" + all.dump();
}

/// `,"groups":["engineers"],"roles":[]`
void append_names(std::string& text, const Source& source, const json& edges) {
  for (const std::string& kind : source.kinds) {
    std::set<std::string> names;
    if (const auto held = edges.find(kind); held != edges.end()) {
      for (const auto& [id, details] : held->items()) names.insert(source.names->name_of(kind, id));
    }
    text += ",\"" + kind + "s\":" + json(names).dump();
  }
}

bool begins_with(const Schema& schema, const std::string& member) {
  return std::any_of(schema.attributes.begin(), schema.attributes.end(), [&](const Attribute& attribute) {
    return attribute.path == member || attribute.path.starts_with(member + ".");
  });
}

/// As the platform shows it, or as usher remembers it where no platform does.
bool is_locked(const Source& source, std::string_view id, std::string_view attributes) {
  if (source.locked->contains(std::string(id))) return true;
  return !source.can->locking.shows.empty() &&
         looks_locked({std::string(id), true, std::string(attributes), {}}, *source.can);
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

Source source_of(const std::string& name, PlatformId platform, const Capabilities& capabilities,
                 Connection& connection) {
  Source source{name, platform, capabilities.schema.open};
  if (source.is_file) return source;
  source.can = &capabilities;
  source.locked = std::make_shared<const std::set<std::string>>(Lifecycle(connection).locked(platform));
  source.names = std::make_shared<const EntitlementNames>(Snapshots(connection).entitlements(platform));
  for (const EntitlementKind& kind : capabilities.entitlements) {
    if (!begins_with(capabilities.schema, kind.name + "s")) source.kinds.push_back(kind.name);
  }
  std::sort(source.kinds.begin(), source.kinds.end());
  const bool taken = std::binary_search(source.kinds.begin(), source.kinds.end(), "membership");
  if (taken || begins_with(capabilities.schema, "memberships")) return source;
  for (const EntitlementKind& kind : capabilities.entitlements)
    if (!kind.details.empty()) source.detailed.push_back(kind.name);
  return source;
}

std::string record_text(const Source& source, std::string_view id, bool active, std::string_view attributes,
                        std::string_view memberships) {
  if (source.is_file) return std::string(attributes);
  std::string text =
      active && !is_locked(source, id, attributes) ? R"({"active":true,"id":)" : R"({"active":false,"id":)";
  text += json(id).dump();
  if (attributes.size() > 2) text += ',';
  text += attributes.substr(1, attributes.size() - 2);
  const json edges = memberships.size() > 2 ? json::parse(memberships) : json::object();
  append_names(text, source, edges);
  append_details(text, source, edges);
  return text + '}';
}

std::optional<SourceRecords::Found> SourceRecords::find(const Fingerprint& key) {
  std::optional<Found> found;
  for (const Source& source : sources_) {
    const auto stored = snapshots_.find(source.platform, key);
    if (!stored) continue;
    std::string text = record_text(source, stored->account.id, stored->account.active,
                                   stored->account.attributes, stored->account.memberships);
    if (!found) {
      found = {std::move(text), source.name, stored->generation, source.name};
      continue;
    }
    json merged = json::parse(found->text);
    complete(merged, json::parse(text));
    found->text = merged.dump();
    found->sources += ", " + source.name;
    if (stored->generation >= found->generation) {
      found->source = source.name;
      found->generation = stored->generation;
    }
  }
  return found;
}

std::string SourceRecords::of(const AccountView& view, std::size_t from) {
  if (sources_.size() > 1) return std::move(find(view.key)->text);
  return record_text(sources_[from], view.id, view.active, view.attributes, view.memberships);
}

bool SourceRecords::has_earlier(const Fingerprint& key, std::size_t from) {
  for (std::size_t i = 0; i < from; ++i) {
    if (snapshots_.find(sources_[i].platform, key)) return true;
  }
  return false;
}

}  // namespace usher
