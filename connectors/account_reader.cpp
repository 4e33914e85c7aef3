#include "connectors/account_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/json_view.hpp"

namespace usher {

using simdjson::dom::element;
using simdjson::dom::element_type;

// What is visited of an object: the member names on the way to every place somebody asks for.
struct Visit {
  std::string name;
  int slot = -1;  // where the element found here is kept; -1: only passed through
  std::vector<Visit> members;

  Visit& member(std::string_view wanted) {
    for (Visit& known : members) {
      if (known.name == wanted) return known;
    }
    members.push_back({.name = std::string(wanted), .slot = -1, .members = {}});
    return members.back();
  }
};

// What is written: a tree in key order whose leaves are attributes.
struct Written {
  std::string name;
  std::string key;  // "\"name\":"
  const Attribute* attribute = nullptr;
  std::vector<int> slots;
  std::vector<Written> members;
};

struct AccountReader::Plan {
  AccountShape shape;
  Visit visit;
  int slots = 0;
  std::vector<std::string> paths;  // of each slot
  int id = -1;
  int active = -1;
  std::vector<int> memberships;  // slot of each shape.memberships
  Written written;

  int slot_of(std::string_view path) {
    Visit* place = &visit;
    const std::string whole(path);
    while (!path.empty()) place = &place->member(take_step(path));
    if (place->slot < 0) {
      place->slot = slots++;
      paths.push_back(whole);
    }
    return place->slot;
  }

  void write(const AttributePlace& attribute) {
    Written* place = &written;
    std::string_view path = attribute.attribute.path;
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      const std::string name(path.substr(0, dot));
      auto at = std::lower_bound(
          place->members.begin(), place->members.end(), name,
          [](const Written& known, const std::string& wanted) { return known.name < wanted; });
      if (at == place->members.end() || at->name != name) {
        at = place->members.insert(at, Written{.name = name, .key = {}, .slots = {}, .members = {}});
        append_json_string(at->key, name);
        at->key += ':';
      }
      place = &*at;
      path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    place->attribute = &attribute.attribute;
    for (const std::string& from : attribute.places) place->slots.push_back(slot_of(from));
  }
};

class AccountReader::Scratch {
 public:
  explicit Scratch(std::size_t slots) : found(slots), present(slots) {}
  std::vector<element> found;
  std::vector<char> present;  // how often each was found: 0, 1 or 2

  const element* at(int slot) const {
    const auto index = static_cast<std::size_t>(slot);
    return slot >= 0 && present[index] != 0 ? &found[index] : nullptr;
  }
};

namespace {

// An object, or a list of just one: some platforms wrap what can only be one thing.
element object_in(const element& value) {
  if (!value.is_array()) return value;
  const simdjson::dom::array items = view::items(value);
  return items.size() == 1 ? *items.begin() : value;
}

void visit(const Visit& plan, const element& value, std::vector<element>& found, std::vector<char>& present);

void keep(const Visit& member, const element& value, std::vector<element>& found,
          std::vector<char>& present) {
  if (member.slot >= 0) {
    char& times = present[static_cast<std::size_t>(member.slot)];
    found[static_cast<std::size_t>(member.slot)] = value;
    times = times == 0 ? 1 : 2;
  }
  if (!member.members.empty()) visit(member, value, found, present);
}

// Members come in the order the server writes them, which seldom changes: each is looked for where the one
// before it was found plus one.
void visit(const Visit& plan, const element& value, std::vector<element>& found, std::vector<char>& present) {
  if (value.is_array()) {
    for (const Visit& member : plan.members) {
      const bool of_list = list_index(member.name) || list_choice(member.name);
      element item;
      if (of_list && element_at(value, "[" + member.name + "]", item)) keep(member, item, found, present);
    }
  }
  const element object = object_in(value);
  if (!object.is_object()) return;
  std::size_t next = 0;
  const std::size_t count = plan.members.size();
  for (const auto [key, member_value] : view::members(object)) {
    for (std::size_t tried = 0; tried < count; ++tried) {
      const std::size_t at = next + tried < count ? next + tried : next + tried - count;
      const Visit& member = plan.members[at];
      if (member.name != key) continue;
      keep(member, member_value, found, present);
      next = at + 1;
      break;
    }
  }
}

bool append_number(std::string& out, const element& value, AttributeType type) {
  if (value.is_string()) {
    const std::string_view text = view::text(value);
    double real = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, real);
    if (text.empty() || read.ptr != end || read.ec != std::errc()) return false;
    return append_real(out, real, type == AttributeType::integer);
  }
  if (value.is_double()) return append_real(out, view::number<double>(value), type == AttributeType::integer);
  if (!value.is_number()) return false;
  append_canonical(out, value);
  return true;
}

// Sorted without duplicates: texts among themselves by their bytes, as nlohmann::json sorts them.
void append_set(std::string& out, const element& value) {
  const simdjson::dom::array list = view::items(value);
  std::vector<std::string_view> texts;
  std::vector<std::string> others;
  for (const element item : list) {
    if (item.is_string()) {
      texts.push_back(view::text(item));
    } else {
      append_canonical(others.emplace_back(), item);
    }
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  out += '[';
  for (const std::string& other : others) {
    if (out.back() != '[') out += ',';
    out += other;
  }
  for (const std::string_view text : texts) {
    if (out.back() != '[') out += ',';
    append_json_string(out, text);
  }
  out += ']';
}

// Appends the value as its attribute's type has it; false when it is something else.
bool append_value(std::string& out, const element& value, AttributeType type) {
  switch (type) {
    case AttributeType::string:
    case AttributeType::timestamp: {
      if (value.is_string()) {
        append_json_string(out, view::text(value));
        return true;
      }
      const auto text = scalar_text(value);
      if (text) append_json_string(out, *text);
      return text.has_value();
    }
    case AttributeType::integer:
    case AttributeType::number:
      return append_number(out, value, type);
    case AttributeType::boolean: {
      const auto text = scalar_text(value);
      if (!text || (*text != "true" && *text != "false")) return false;
      out += *text;
      return true;
    }
    case AttributeType::set:
      if (!value.is_array()) return false;
      append_set(out, value);
      return true;
    case AttributeType::list:
    case AttributeType::object:
      if (type == AttributeType::list ? !value.is_array() : !value.is_object()) return false;
      append_canonical(out, value);
      return true;
  }
  return false;
}

std::optional<std::string> wrong_type(const std::string& path, const element& value, AttributeType type) {
  std::string shown;
  append_canonical(shown, value);
  if (shown.size() > 60) shown = "the value";
  return path + ": " + shown + " is no " + to_string(type);
}

// Appends the members of `plan` that say something. What cannot be read is left out; `wrong` tells the first.
template <class Scratch>
void write_members(const Written& plan, const Scratch& scratch, std::string& out,
                   std::optional<std::string>& wrong) {
  out += '{';
  for (const Written& member : plan.members) {
    const std::size_t before = out.size();
    if (out.back() != '{') out += ',';
    out += member.key;
    if (member.attribute == nullptr) {
      const std::size_t inner = out.size();
      write_members(member, scratch, out, wrong);
      if (out.size() == inner + 2) out.resize(before);
      continue;
    }
    const element* value = nullptr;
    for (const int slot : member.slots) {
      const element* candidate = scratch.at(slot);
      if (candidate == nullptr || view::says_nothing(*candidate)) continue;
      value = candidate;
      break;
    }
    if (value == nullptr) {
      out.resize(before);
    } else if (!append_value(out, *value, member.attribute->type)) {
      out.resize(before);
      if (!wrong) wrong = wrong_type(member.attribute->path, *value, member.attribute->type);
    }
  }
  out += '}';
}

/// The JSON text that says whether an account is active.
std::string activity_text(const element* value) {
  if (value == nullptr) return "null";  // platforms leave out what is null
  std::string text;
  append_canonical(text, *value);
  return text;
}

/// Whether two JSON texts are of one type, by their first characters: both texts, both numbers and so on.
bool same_type(std::string_view a, std::string_view b) {
  const auto type = [](std::string_view text) {
    const char c = text.empty() ? 'n' : text.front();
    return c == 'f' ? 't' : c == '-' || (c >= '0' && c <= '9') ? '0' : c;
  };
  return type(a) == type(b);
}

/// Whether a value says anything to a rule that names others: "true" is not true, and an object is neither.
/// Where the rule names null, whatever is there is not null.
bool can_be_judged(const ActiveRule& rule, const std::string& text) {
  if (text == "null" || std::ranges::find(rule.values, "null") != rule.values.end()) return true;
  if (text.front() == '{' || text.front() == '[') return false;
  return std::ranges::any_of(rule.values, [&](const std::string& value) { return same_type(text, value); });
}

bool is_active(const ActiveRule& rule, const std::string& text) {
  const bool listed = std::find(rule.values.begin(), rule.values.end(), text) != rule.values.end();
  return listed == rule.active_when;
}

std::optional<std::string> add_edge(const InnerMemberships& rule, const element& item,
                                    std::vector<Membership>& edges) {
  const auto has_one = [&](const std::string& path, const std::vector<std::string>& wanted) {
    element held;
    if (!element_at(item, path, held)) return false;
    const std::string text = scalar_text(held).value_or("");
    return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
  };
  for (const auto& [path, wanted] : rule.only) {
    if (!has_one(path, wanted)) return std::nullopt;
  }
  for (const auto& [path, unwanted] : rule.except) {
    if (has_one(path, unwanted)) return std::nullopt;
  }
  element id;
  const auto text = element_at(item, rule.id, id) ? scalar_text(id) : std::nullopt;
  if (!text || text->empty()) return "a " + rule.kind + " without an id in " + rule.place;
  Membership edge{.account = {}, .kind = rule.kind, .entitlement = *text, .details = {}};
  if (!rule.details.empty()) {
    auto details = texts_at(item, rule.details);
    if (!details) return "the details of " + rule.kind + " " + edge.entitlement + " are no texts";
    edge.details = std::move(*details);
  }
  edges.push_back(std::move(edge));
  return std::nullopt;
}

}  // namespace

AccountReader::AccountReader(AccountShape shape) {
  auto plan = std::make_unique<Plan>();
  plan->shape = std::move(shape);
  plan->id = plan->slot_of(plan->shape.id);
  if (!plan->shape.active.place.empty()) plan->active = plan->slot_of(plan->shape.active.place);
  for (const InnerMemberships& inner : plan->shape.memberships) {
    plan->memberships.push_back(plan->slot_of(inner.place));
  }
  for (const AttributePlace& place : plan->shape.attributes) {
    if (!place.attribute.secret && place.attribute.readable) plan->write(place);
  }
  plan_ = std::move(plan);
}

AccountReader::~AccountReader() = default;
AccountReader::AccountReader(AccountReader&&) noexcept = default;

std::unique_ptr<AccountReader::Scratch, void (*)(AccountReader::Scratch*)> AccountReader::scratch() const {
  return {new Scratch(static_cast<std::size_t>(plan_->slots)), [](Scratch* gone) { delete gone; }};
}

std::optional<AccountReader::Wrong> AccountReader::read(const element& object, Account& account,
                                                        Scratch& scratch) const {
  account.id.clear();
  if (!object.is_object()) return Wrong{"not an object"};
  std::fill(scratch.present.begin(), scratch.present.end(), static_cast<char>(0));
  visit(plan_->visit, object, scratch.found, scratch.present);
  const element* id = scratch.at(plan_->id);
  auto text = id != nullptr ? scalar_text(*id) : std::nullopt;
  if (!text || text->empty()) return Wrong{"no '" + plan_->shape.id + "'"};
  const auto twice = std::find(scratch.present.begin(), scratch.present.end(), 2);
  const auto place = static_cast<std::size_t>(twice - scratch.present.begin());
  if (static_cast<int>(place) != plan_->id) account.id = std::move(*text);
  const std::string activity = plan_->active < 0 ? "" : activity_text(scratch.at(plan_->active));
  const bool judged = plan_->active < 0 || can_be_judged(plan_->shape.active, activity);
  // Of whom nobody can tell, nobody assumes that they are out.
  account.active = plan_->active < 0 || !judged || is_active(plan_->shape.active, activity);
  account.attributes.clear();
  account.attributes.reserve(256);
  std::optional<std::string> wrong;
  write_members(plan_->written, scratch, account.attributes, wrong);
  account.memberships = "{}";
  std::vector<Membership> edges;
  for (std::size_t i = 0; i < plan_->memberships.size(); ++i) {
    const element* list = scratch.at(plan_->memberships[i]);
    if (list == nullptr || list->is_null()) continue;
    const InnerMemberships& rule = plan_->shape.memberships[i];
    if (!list->is_array()) {
      if (auto bad = add_edge(rule, *list, edges)) return Wrong{std::move(*bad)};
      continue;
    }
    for (const element item : view::items(*list)) {
      if (auto bad = add_edge(rule, item, edges)) return Wrong{std::move(*bad)};
    }
  }
  if (!edges.empty()) account.memberships = canonical_memberships(edges);
  if (twice != scratch.present.end()) return Wrong{"'" + plan_->paths[place] + "' stands twice"};
  if (!wrong && !judged)
    wrong = "'" + plan_->shape.active.place + "' has a value of another type than the rule for 'active'" +
            (activity.size() <= 40 ? ": " + activity : std::string()) + "; the account counts as active";
  if (wrong) return Wrong{std::move(*wrong), true};
  return std::nullopt;
}

}  // namespace usher
