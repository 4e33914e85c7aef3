#include "engine/migrate/population_profile.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

std::uint64_t digest_of_text(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

std::uint64_t digest_of(const json& value) {
  if (!value.is_string()) return digest_of_text(value.dump(-1, ' ', false, json::error_handler_t::replace));
  Normalisation fold;
  fold.lower = true;
  return digest_of_text(normalised(value.get_ref<const std::string&>(), fold));
}

bool looks_like_mail(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at + 2) != std::string_view::npos &&
         text.find_first_of(" @", at + 1) == std::string_view::npos;
}

/// Counts accounts one after another.
class Counter {
 public:
  Counter(PopulationProfile& profile, const Source& source, const std::string& label)
      : profile_(profile), source_(source), label_(label) {}

  void count(const AccountView& view) {
    const json attributes = json::parse(view.attributes);
    ids_.push_back(digest_of(json(view.id)));  // folded as values are
    if (!profile_.self.empty() && view.id == profile_.self) {
      const json& label = at_path(attributes, label_);
      profile_.self_label = label.is_string() ? label.get<std::string>() : std::string(view.id);
      return;
    }
    ++profile_.accounts;
    if (view.active && says_active(attributes)) ++profile_.active;
    count_fields(attributes, "");
    if (view.memberships.size() > 2) count_memberships(json::parse(view.memberships));
  }

  void finish() {
    std::sort(ids_.begin(), ids_.end());
    for (auto& [path, field] : fields_) {
      std::sort(field.values.begin(), field.values.end());
      for (std::size_t i = 0; i < field.values.size(); ++i) {
        if (i == 0 || field.values[i] != field.values[i - 1]) ++field.distinct;
        if (std::binary_search(ids_.begin(), ids_.end(), field.values[i])) ++field.references;
      }
      if (path == "id") field.references = 0;
      profile_.fields.push_back(std::move(field));
    }
    for (auto& [key, held] : entitlements_) profile_.entitlements.push_back(std::move(held));
  }

 private:
  /// What the proposed rules make of a file's column `active`.
  bool says_active(const json& record) const {
    if (!source_.is_file) return true;
    const auto active = record.find("active");
    return active == record.end() || (*active != false && *active != "false");
  }

  void count_fields(const json& object, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
      const std::string path = prefix + name;
      if (source_.is_file && path == "memberships" && tells_details(object, value)) {
        count_details(value);
        continue;
      }
      const bool inside = value.is_object() && !is_attribute(path);
      if (inside) count_fields(value, path + ".");
      if (!inside || source_.is_file) count_field(path, value, !prefix.empty());
    }
  }

  bool is_attribute(const std::string& path) const {
    return std::binary_search(paths.begin(), paths.end(), path);
  }

  void count_field(const std::string& path, const json& value, bool nested) {
    if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty())) return;
    if (const std::string kind = source_.is_file ? kind_of_column(path) : ""; !kind.empty())
      count_names(kind, value);
    FieldProfile& field = fields_[path];
    field.path = path;
    field.nested = nested;
    ++field.filled;
    field.values.push_back(digest_of(value));
    if (value.is_array()) ++field.lists;
    if (!value.is_string()) return;
    ++field.texts;
    const std::string& text = value.get_ref<const std::string&>();
    if (looks_like_mail(text)) ++field.mails;
    const auto characters = std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    field.longest = std::max(field.longest, static_cast<std::uint64_t>(characters));
  }

  void count_memberships(const json& memberships) {
    for (const auto& [kind, edges] : memberships.items()) {
      for (const auto& [id, details] : edges.items())
        count_membership(kind, source_.names ? source_.names->name_of(kind, id) : id, details);
    }
  }

  /// A list, or texts with `;` between.
  void count_names(const std::string& kind, const json& value) {
    if (value.is_array()) {
      for (const json& one : value)
        if (one.is_string()) count_membership(kind, one);
    } else if (value.is_string()) {
      std::string_view rest = value.get_ref<const std::string&>();
      for (std::size_t end = 0; end != std::string_view::npos;
           rest.remove_prefix(std::min(end + 1, rest.size()))) {
        end = rest.find(';');
        if (const auto name = rest.substr(0, end); !name.empty()) count_membership(kind, std::string(name));
        if (end == std::string_view::npos) break;
      }
    }
  }

  /// Whether a record of a file has details of memberships as that of a platform does: kind -> name -> texts.
  static bool tells_details(const json& record, const json& value) {
    const auto is_text = [](const json& one) { return one.is_string(); };
    const auto is_texts = [&](const json& one) {
      return one.is_array() && std::ranges::all_of(one, is_text);
    };
    return value.is_object() && std::ranges::all_of(value.items(), [&](const auto& kind) {
             return record.contains(kind.key() + "s") && kind.value().is_object() &&
                    std::ranges::all_of(kind.value(), is_texts);
           });
  }

  void count_details(const json& kinds) {
    for (const auto& [kind, names] : kinds.items()) {
      if (kind_of_column(kind + "s").empty()) continue;
      for (const auto& [name, details] : names.items())
        if (!details.empty()) ++held(kind, name).details[sorted(details)];
    }
  }

  static std::vector<std::string> sorted(const json& texts) {
    auto all = texts.get<std::vector<std::string>>();
    std::sort(all.begin(), all.end());
    return all;
  }

  HeldEntitlement& held(const std::string& kind, const std::string& name) {
    HeldEntitlement& one = entitlements_[{kind, name}];
    one.kind = kind;
    one.name = name;
    return one;
  }

  void count_membership(const std::string& kind, const std::string& name,
                        const json& details = json::array()) {
    HeldEntitlement& one = held(kind, name);
    ++one.members;
    if (!details.empty()) ++one.details[sorted(details)];
  }

  PopulationProfile& profile_;
  const Source& source_;
  const std::string& label_;
  std::map<std::string, FieldProfile> fields_;
  std::map<std::pair<std::string, std::string>, HeldEntitlement> entitlements_;
  std::vector<std::uint64_t> ids_;

 public:
  std::vector<std::string> paths;  ///< of the schema, sorted: an object there is one value
};

}  // namespace

const FieldProfile* PopulationProfile::field(const std::string& path) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const FieldProfile& each) { return each.path == path; });
  return found == fields.end() ? nullptr : &*found;
}

std::string kind_of_column(std::string_view path) {
  for (const std::string_view kind : {"group", "profile", "role", "tenant"}) {
    if (path.size() == kind.size() + 1 && path.starts_with(kind) && path.back() == 's')
      return std::string(kind);
  }
  return {};
}

PopulationProfile profile(Snapshots& snapshots, const Source& source, const Capabilities& capabilities) {
  PopulationProfile result;
  const PlatformState state = snapshots.platform(source.platform);
  result.platform = source.name;
  result.self = state.self;
  result.why_not = state.sealed ? "" : state.why_not;
  Counter counter(result, source, capabilities.label);
  for (const Attribute& attribute : capabilities.schema.attributes) counter.paths.push_back(attribute.path);
  std::sort(counter.paths.begin(), counter.paths.end());
  for (const RowSlice& slice : snapshots.row_slices(source.platform, 1)) {
    snapshots.for_each_alive(slice, [&](const AccountView& view) { counter.count(view); });
  }
  counter.finish();
  std::map<std::pair<std::string, std::string>, int> names;
  for (const Entitlement& each : snapshots.entitlements(source.platform)) {
    if (++names[{each.kind, each.name}] == 2) result.same_names.push_back(each.kind + " " + each.name);
  }
  return result;
}

Overlap overlap(const FieldProfile& from, const FieldProfile& to, std::uint64_t accounts) {
  Overlap result{from.path, to.path};
  const auto& a = from.values;
  const auto& b = to.values;
  std::size_t j = 0;
  for (std::size_t i = 0; i < a.size();) {
    const std::size_t next = static_cast<std::size_t>(
        std::upper_bound(a.begin() + static_cast<std::ptrdiff_t>(i), a.end(), a[i]) - a.begin());
    while (j < b.size() && b[j] < a[i]) ++j;
    std::size_t k = j;
    while (k < b.size() && b[k] == a[i]) ++k;
    if (k > j) (next - i == 1 && k - j == 1 ? result.unique : result.ambiguous) += next - i;
    i = next;
    j = k;
  }
  result.none = accounts - result.unique - result.ambiguous;
  return result;
}

}  // namespace usher
