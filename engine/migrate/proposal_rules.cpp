#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/migrate/membership_details.hpp"
#include "engine/migrate/proposal.hpp"

namespace usher {

namespace {

/// In double quotes, as CEL and YAML both read it.
std::string literal(const std::string& text) {
  return nlohmann::json(text).dump();
}

/// The names of everything somebody is in, of whatever kind; empty when nobody is in anything.
std::string names_expression(const Migration& migration, bool is_file) {
  std::set<std::string> columns;
  for (const GroupMapping& group : migration.groups) columns.insert(group.kind + "s");
  std::string sum;
  for (const std::string& column : columns) {
    if (!sum.empty()) sum += " + ";
    const FieldProfile* field = is_file ? migration.source.field(column) : nullptr;
    if (field == nullptr) {
      sum += "record." + column;
    } else if (field->lists > 0) {
      sum += fmt::format("record.?{}.orValue([])", column);
    } else {
      sum += fmt::format("(record.{0} == \"\" ? [] : record.{0}.split(\";\"))", column);
    }
  }
  return sum;
}

std::string people_text(const Migration& migration, bool is_file, const std::string& key) {
  std::string text = fmt::format("people:\n  from: {}\n  key: {}\n", migration.from, quoted_yaml(key));
  const std::string names = names_expression(migration, is_file);
  if (!migration.mapping.empty() || !names.empty()) text += "  attributes:\n";
  for (const Mapping& mapping : migration.mapping)
    text += fmt::format("    {}: {}\n", mapping.person, quoted_yaml(mapping.expression));
  if (!names.empty()) text += fmt::format("    groups: {}\n", quoted_yaml(names));
  if (std::ranges::any_of(migration.groups, [](const GroupMapping& group) { return !group.details.empty(); }))
    text += "    allowed: 'record.?memberships.orValue({})'   # kind -> name -> actions\n";
  if (!is_file) return text + "  active: record.active\n";
  if (migration.source.field("active") == nullptr) return text;
  return text + "  active: 'string(record.?active.orValue(\"true\")) != \"false\"'\n";
}

std::string person_of(const Migration& migration, const std::string& to) {
  const auto found = std::find_if(migration.mapping.begin(), migration.mapping.end(),
                                  [&](const Mapping& mapping) { return mapping.to == to; });
  return found->person;
}

/// All but the accounts that usher works as, on either side.
std::string who_expression(const Migration& migration, const Side& to, const std::string& key) {
  std::string who;
  if (!migration.source.self.empty() && key == "record.id")
    who = "person.key != " + literal(migration.source.self);
  const auto label = std::find_if(migration.mapping.begin(), migration.mapping.end(),
                                  [&](const Mapping& mapping) { return mapping.to == to.can->label; });
  if (migration.target.self_label.empty() || label == migration.mapping.end()) return who;
  return who + fmt::format("{}person.{}.fold() != {}.fold()", who.empty() ? "" : " && ", label->person,
                           literal(migration.target.self_label));
}

/// The rules for one group: one for each action that comes along, and one for members who have none of them.
std::string group_text(const GroupMapping& group) {
  const std::string of_group = fmt::format("      - {{{}: {}", group.to_kind, literal(group.name));
  const std::string held = read_details("person.allowed", group.kind, group.name);
  std::string when = literal(group.name) + " in person.groups";
  if (!group.details.empty())
    when += fmt::format(" && !{}.exists(a, a in {})", held, nlohmann::json(group.details).dump());
  std::string text = fmt::format("{}, when: {}}}\n", of_group, quoted_yaml(when));
  for (const std::string& detail : group.details)
    text += fmt::format("{}, actions: [{}], when: {}}}\n", of_group, literal(detail),
                        quoted_yaml(literal(detail) + " in " + held));
  return text;
}

std::string groups_text(const Migration& migration, const Capabilities& to) {
  std::string text;
  bool detailed = false;
  for (const GroupMapping& group : migration.groups) {
    if (group.to_kind.empty()) continue;
    text += group_text(group);
    detailed = detailed || !to.entitlement(group.to_kind)->details.empty();
  }
  if (text.empty()) return text;
  return "    groups:\n" + text + "    other-groups: keep\n" + (detailed ? "    other-actions: keep\n" : "");
}

std::string leavers_text(const Capabilities& to, Disabled disabled) {
  if (!moves_disabled(to, disabled))
    return "    leavers: {disable: never, delete: never}   # a migration takes nothing away\n";
  const char* lock = to.disable ? "" : "without-disable: lock, ";
  return "    # A migration takes nothing away. Who is disabled there and has no account gets a disabled "
         "one.\n" +
         fmt::format("    leavers: {{create: disabled, {}disable: never, delete: never}}\n", lock) +
         "    guards: {disable: 100%, removals: 100%}\n";
}

}  // namespace

std::string quoted_yaml(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '\'' ? 2 : 1, c);
  return "'" + doubled + "'";
}

std::string rules_text(const Migration& migration, const Side& from, const Side& to,
                       const ProposalOptions& options) {
  std::string text = people_text(migration, from.can->schema.open, options.key);
  text += fmt::format("\naccounts:\n  {}:\n", migration.to);
  if (const std::string who = who_expression(migration, to, options.key); !who.empty())
    text += fmt::format("    who: {}   # not the accounts usher works as\n", quoted_yaml(who));
  if (!migration.match.empty()) text += "    match:\n";
  for (const Overlap& match : migration.match)
    text += fmt::format("      - {{account: {}, person: person.{}, fold: case}}\n", match.to,
                        person_of(migration, match.to));
  if (!migration.mapping.empty()) text += "    set:\n";
  for (const Mapping& mapping : migration.mapping)
    text += fmt::format("      {}: person.{}\n", mapping.to, mapping.person);
  text += groups_text(migration, *to.can);
  text += leavers_text(*to.can, options.disabled);
  if (!options.first_secrets.empty() && to.can->first_secret)
    text += fmt::format("    credentials: {{first: {{file: {}}}}}\n", quoted_yaml(options.first_secrets));
  return text;
}

}  // namespace usher
