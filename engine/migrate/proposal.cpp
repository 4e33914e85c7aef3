#include "engine/migrate/proposal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/migrate/attribute_semantics.hpp"
#include "engine/migrate/membership_details.hpp"
#include "engine/migrate/source_attribute.hpp"

namespace usher {

namespace {

bool is_list(AttributeType type) {
  return type == AttributeType::list || type == AttributeType::set;
}

bool is_text(AttributeType type) {
  return type == AttributeType::string || type == AttributeType::timestamp;
}

/// Works the proposal out, one part after another.
class Proposal {
 public:
  Proposal(const Side& from, const Side& to, const ProposalOptions& options)
      : from_(from), to_(to), options_(options), key_(options.key) {
    migration_.from = from.profile.platform;
    migration_.to = to.profile.platform;
    migration_.source = from.profile;
    migration_.target = to.profile;
    if (key_.empty()) key_ = is_file() ? read_key() : "record.id";
  }

  Migration make() {
    find_origins();
    for (const Attribute& attribute : to_.can->schema.attributes) map(attribute);
    measure();
    explain_names();
    choose_matches();
    map_groups();
    state_losses();
    ProposalOptions options = options_;
    options.key = key_;
    migration_.rules = rules_text(migration_, from_, to_, options);
    return std::move(migration_);
  }

  Migration describe(std::string rules) {
    migration_.proposed = false;
    migration_.rules = std::move(rules);
    state_what_never_comes_along();
    return std::move(migration_);
  }

 private:
  bool is_file() const { return from_.can->schema.open; }

  std::string read_key() const {
    const std::string& column = from_.can->natural_key;
    return is_identifier(column) ? "record." + column : "record[" + quoted(column) + "]";
  }

  /// Everything the old platform's accounts hold.
  void find_origins() {
    for (const FieldProfile& field : from_.profile.fields) {
      SourceAttribute origin{field.path, attribute_semantics(field.path)};
      origin.column = is_file() && !field.nested;
      if (const Attribute* attribute = from_.can->schema.find(field.path)) {
        if (!attribute->readable || attribute->secret) continue;
        origin.type = attribute->type;
      } else if (field.lists > 0) {
        origin.type = AttributeType::list;
      } else if (field.texts == 0) {
        origin.type =
            AttributeType::object;  // numbers and the like of a file: only what takes anything takes them
      }
      if (is_file() && !kind_of_column(field.path).empty()) continue;
      origins_.push_back(std::move(origin));
    }
  }

  const SourceAttribute* origin_of(const std::string& meaning) const {
    const auto found = std::find_if(origins_.begin(), origins_.end(), [&](const SourceAttribute& origin) {
      return origin.meaning == meaning && !points_to_accounts(origin);
    });
    if (found != origins_.end()) return &*found;
    return meaning == "mail" ? mails() : nullptr;
  }

  /// Where nothing is called so: what holds nothing but e-mail addresses, as names of API users often do.
  const SourceAttribute* mails() const {
    const auto found = std::find_if(origins_.begin(), origins_.end(), [&](const SourceAttribute& origin) {
      const FieldProfile& field = *from_.profile.field(origin.path);
      return field.mails > 0 && field.mails == field.filled;
    });
    return found == origins_.end() ? nullptr : &*found;
  }

  /// The ids of the old platform's accounts mean nothing on the new one.
  bool points_to_accounts(const SourceAttribute& origin) const {
    const FieldProfile* field = from_.profile.field(origin.path);
    return field != nullptr && !is_key(origin.path) && field->references * 2 > field->filled;
  }

  void map(const Attribute& attribute) {
    if (attribute.secret || !attribute.readable || (!attribute.creatable && !attribute.updatable)) return;
    const std::string meaning = called_by_mail(attribute.path) ? "mail" : attribute_semantics(attribute.path);
    if (const SourceAttribute* origin = origin_of(meaning)) return map_same(attribute, *origin, meaning);
    if (is_text(attribute.type)) map_part_of_name(attribute, meaning);
  }

  /// Where accounts have nothing but a name that several may have, they are called by the e-mail: whoever has
  /// no account yet, and whose is whose, could not be told otherwise.
  bool called_by_mail(const std::string& path) const {
    const Schema& schema = to_.can->schema;
    const bool has_mail =
        std::any_of(schema.attributes.begin(), schema.attributes.end(),
                    [](const Attribute& attribute) { return attribute_semantics(attribute.path) == "mail"; });
    return path == to_.can->label && to_.can->natural_key.empty() && !has_mail &&
           origin_of("mail") != nullptr;
  }

  void map_same(const Attribute& attribute, const SourceAttribute& origin, const std::string& meaning) {
    std::string expression;
    if (is_text(attribute.type) && is_text(origin.type)) {
      expression = read(origin, "\"\"");
      if (meaning == "mail") expression += ".lowerAscii()";
    } else if (is_list(attribute.type) && is_list(origin.type)) {
      expression = read(origin, "[]");
    } else if (is_list(attribute.type) && is_file() && is_text(origin.type)) {
      const std::string text = read(origin, "\"\"");
      expression = fmt::format("{0} == \"\" ? [] : {0}.split(\";\")", text);
    } else if (attribute.type == AttributeType::object && origin.type == AttributeType::object &&
               !is_file()) {
      expression = read(origin, "{}");
    } else if (attribute.type == AttributeType::boolean && origin.type == AttributeType::boolean) {
      expression = read(origin, "false");
    } else if (attribute.type == AttributeType::boolean && is_file() && is_text(origin.type)) {
      expression = read(origin, "\"\"") + " == \"true\"";
    } else if (attribute.type == origin.type && !is_file()) {
      expression = read(origin, "0");
    } else {
      return;
    }
    add(attribute.path, origin.path, meaning, expression, "");
    used_.insert(origin.path);
  }

  void map_part_of_name(const Attribute& attribute, const std::string& meaning) {
    const SourceAttribute* whole = origin_of("name");
    const SourceAttribute *first = origin_of("first_name"), *last = origin_of("last_name");
    if (meaning == "name" && first != nullptr && last != nullptr) {
      add(attribute.path, first->path + " + " + last->path, meaning,
          fmt::format("({} + \" \" + {}).trim()", read(*first, "\"\""), read(*last, "\"\"")), "");
      used_.insert({first->path, last->path});
    } else if (whole != nullptr && (meaning == "first_name" || meaning == "last_name")) {
      const std::string text = read(*whole, "\"\"") + ".trim()";
      const std::string parts = fmt::format("cel.bind(n, {}, n.indexOf(\" \") < 0 ? ", text);
      const bool is_first = meaning == "first_name";
      add(attribute.path, whole->path, meaning,
          parts + (is_first ? "n : n.substring(0, n.indexOf(\" \")))"
                            : "\"\" : n.substring(n.indexOf(\" \") + 1).trim())"),
          is_first ? "the first word of the name: a guess where somebody has two first names"
                   : "what follows the first word of the name: a guess");
      used_.insert(whole->path);
    }
  }

  void add(const std::string& to, const std::string& from, std::string person, const std::string& expression,
           const std::string& remark) {
    if (!is_identifier(person) || person == "key") person = "a_" + person;
    while (persons_.count(person) > 0) person += "_2";
    persons_.insert(person);
    migration_.mapping.push_back({to, from, person, expression, remark});
  }

  void explain_names() {
    for (Mapping& mapping : migration_.mapping) {
      if (!called_by_mail(mapping.to) || attribute_semantics(mapping.from) == attribute_semantics(mapping.to))
        continue;
      mapping.remark = "names need not be unique there: the e-mail tells people apart";
    }
  }

  void measure() {
    for (const Mapping& mapping : migration_.mapping) {
      const FieldProfile* a = from_.profile.field(mapping.from);
      const Attribute* attribute = to_.can->schema.find(mapping.to);
      if (a == nullptr || a->texts == 0 || !is_text(attribute->type) || !mapping.remark.empty()) continue;
      FieldProfile nobody;
      nobody.path = mapping.to;
      const FieldProfile* b = to_.profile.field(mapping.to);
      migration_.overlaps.push_back(overlap(*a, b == nullptr ? nobody : *b, from_.profile.accounts));
    }
    std::stable_sort(migration_.overlaps.begin(), migration_.overlaps.end(),
                     [](const Overlap& a, const Overlap& b) { return a.unique > b.unique; });
  }

  /// What is unique on the new platform; else what accounts are recognised by. Never what happens to fit best
  /// today: after half a migration something else would.
  void choose_matches() {
    for (const std::string& path : {to_.can->natural_key, to_.can->label}) {
      const auto found = std::find_if(migration_.overlaps.begin(), migration_.overlaps.end(),
                                      [&](const Overlap& each) { return each.to == path; });
      if (found == migration_.overlaps.end()) continue;
      migration_.match.push_back(*found);
      return;
    }
  }

  void map_groups() {
    std::set<std::pair<std::string, std::string>> there;
    for (const Entitlement& each : to_.entitlements) there.insert({each.kind, each.name});
    for (const HeldEntitlement& held : from_.profile.entitlements) {
      GroupMapping mapping{held.kind, held.name, held.members, ""};
      if (can_add(held.kind) && there.count({held.kind, held.name}) > 0) mapping.to_kind = held.kind;
      for (const EntitlementKind& kind : to_.can->entitlements) {
        if (mapping.to_kind.empty() && kind.add && there.count({kind.name, held.name}) > 0)
          mapping.to_kind = kind.name;
      }
      if (const EntitlementKind* kind = to_.can->entitlement(mapping.to_kind))
        mapping.details = shared_details(held, *kind);
      migration_.groups.push_back(std::move(mapping));
    }
  }

  bool can_add(const std::string& kind) const {
    const EntitlementKind* found = to_.can->entitlement(kind);
    return found != nullptr && found->add;
  }

  static bool is_name(const SourceAttribute& origin) {
    return origin.meaning == "name" || origin.meaning == "first_name" || origin.meaning == "last_name";
  }

  void lose(std::string what, std::uint64_t accounts, std::string why) {
    migration_.losses.push_back({std::move(what), accounts, std::move(why)});
  }

  void state_losses() {
    for (const SourceAttribute& origin : origins_) {
      const FieldProfile& field = *from_.profile.field(origin.path);
      if (is_used(origin.path) || is_key(origin.path) || has_parts(origin.path)) continue;
      lose(origin.path, field.filled,
           called_by_mail(to_.can->label) && is_name(origin)
               ? fmt::format("the {} there is the e-mail, which tells people apart", to_.can->label)
           : points_to_accounts(origin)
               ? fmt::format("it names accounts of {} by ids that mean nothing on {}", migration_.from,
                             migration_.to)
               : fmt::format("{} has no attribute of this meaning", migration_.to));
    }
    for (const Mapping& mapping : migration_.mapping) state_limits(mapping);
    for (const Attribute& attribute : to_.can->schema.attributes) {
      if (!attribute.required || attribute.secret || is_mapped(attribute.path)) continue;
      lose("every account without a counterpart", from_.profile.accounts,
           fmt::format("{} needs {} to create one, and nothing of {} means that; say what it is with --rules",
                       migration_.to, attribute.path, migration_.from));
    }
    state_what_never_comes_along();
    for (const GroupMapping& group : migration_.groups) {
      if (!group.to_kind.empty()) continue;
      lose(fmt::format("{} {}", group.kind, group.name), group.members,
           to_.can->entitlements.empty()
               ? fmt::format("{} has no groups", migration_.to)
               : fmt::format(
                     "{} has none of this name that members can be added to; usher creates none: create it "
                     "there and migrate again",
                     migration_.to));
    }
  }

  /// The attribute, or the object it stands in.
  bool is_used(const std::string& path) const {
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
      if (used_.count(path.substr(0, dot)) > 0) return true;
    return used_.count(path) > 0;
  }

  /// An object of a file whose members are counted on their own.
  bool has_parts(const std::string& path) const {
    return std::any_of(origins_.begin(), origins_.end(), [&](const SourceAttribute& other) {
      return other.path.starts_with(path + ".") && !other.column;
    });
  }

  bool is_key(const std::string& path) const {
    return is_file() && (path == from_.can->natural_key || path == "id" || path == "active");
  }

  bool is_mapped(const std::string& path) const {
    return std::any_of(migration_.mapping.begin(), migration_.mapping.end(),
                       [&](const Mapping& mapping) { return mapping.to == path; });
  }

  void state_limits(const Mapping& mapping) {
    const Attribute& attribute = *to_.can->schema.find(mapping.to);
    const FieldProfile* field = from_.profile.field(mapping.from);
    if (attribute.required && field != nullptr && field->filled < from_.profile.accounts)
      lose("accounts without " + mapping.from, from_.profile.accounts - field->filled,
           fmt::format("{} creates none without {}", migration_.to, attribute.path));
    if (attribute.max_length && field != nullptr && field->longest > *attribute.max_length)
      lose(mapping.from + " in full", 0,
           fmt::format("the longest has {} characters, {} takes {}", field->longest, migration_.to,
                       *attribute.max_length));
    if (to_.can->route(mapping.to) == nullptr && to_.profile.accounts > 0)
      lose(mapping.from + " of people who have an account there already", 0,
           fmt::format("{} takes {} only when an account is created", migration_.to, mapping.to));
  }

  void state_what_never_comes_along() {
    state_disabled();
    state_assumed_active();
    std::uint64_t beyond = 0;
    for (std::size_t i = 0; i < migration_.groups.size(); ++i)
      if (!migration_.groups[i].to_kind.empty())
        beyond += memberships_beyond(from_.profile.entitlements[i], migration_.groups[i].details);
    if (beyond > 0)
      lose("what memberships allow", beyond,
           fmt::format(
               "{} does not know all of these actions: a membership gets those it knows, or its standard "
               "actions; say others with --rules",
               migration_.to));
    if (!from_.profile.self.empty())
      lose("the account usher works as", 1, fmt::format("{} stays where it is", from_.profile.self_label));
    if (!is_file())
      lose("passwords, tokens and sessions", 0,
           "no platform hands them out: everybody gets a new first secret or an "
           "invitation");
  }

  void state_disabled() {
    const std::uint64_t inactive = from_.profile.accounts - from_.profile.active;
    if (inactive == 0 || (migration_.proposed && moves_disabled(*to_.can, options_.disabled))) {
      if (inactive > 0 && !to_.can->disable && !to_.can->create_disabled)
        lose("groups of disabled accounts", 0,
             fmt::format("on {} they are locked, and a lock ends them", migration_.to));
      return;
    }
    std::string why = "they are not moved, as was asked for";
    if (!migration_.proposed) {
      why =
          "the rules say what becomes of them: leavers.create: disabled gives them accounts that are "
          "disabled";
    } else if (options_.disabled != Disabled::left) {
      why = fmt::format("{} cannot hold a disabled account, so that they are not moved", migration_.to);
      why += to_.can->lock ? "; --disabled lock moves them, locked: nobody can log in, and no group is kept"
                           : "; move them as anybody by rules without `active`, or leave them behind";
    }
    lose("disabled accounts", inactive, why);
  }

  /// Whoever is disabled over there gets access back from a file that does not say who is active.
  void state_assumed_active() {
    if (!migration_.proposed || !is_file() || from_.profile.field("active") != nullptr) return;
    std::string why =
        fmt::format("{} has no column 'active': everybody in it counts as active", from_.profile.platform);
    if (const std::uint64_t disabled = to_.profile.accounts - to_.profile.active; disabled > 0)
      why += fmt::format(", also whose account is {} on {}; say `active` with --rules",
                         disabled == 1 ? "the only one that is disabled"
                                       : fmt::format("one of the {} that are disabled", disabled),
                         migration_.to);
    lose("who is active", from_.profile.accounts, why);
  }

  const Side& from_;
  const Side& to_;
  const ProposalOptions& options_;
  std::string key_;
  Migration migration_;
  std::vector<SourceAttribute> origins_;
  std::set<std::string> used_;
  std::set<std::string> persons_ = {"groups", "allowed"};
};

}  // namespace

Migration propose(const Side& from, const Side& to, const ProposalOptions& options) {
  return Proposal(from, to, options).make();
}

bool moves_disabled(const Capabilities& to, Disabled disabled) {
  if (disabled == Disabled::left) return false;
  return to.disable || to.create_disabled || (disabled == Disabled::locked && to.lock);
}

Migration describe_given(const Side& from, const Side& to, std::string rules) {
  return Proposal(from, to, {"record.id", ""}).describe(std::move(rules));
}

}  // namespace usher
