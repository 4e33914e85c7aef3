#include <fmt/format.h>

#include <algorithm>

#include "engine/report/migration_report.hpp"

namespace usher {

namespace {

using enum Table::Align;

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{} %", part * 100 / whole);
}

std::string fields_part(const PopulationProfile& profile, const Ink& ink) {
  std::string text = "\n" + ink.bold(fmt::format("{} holds {}, {} active", escaped(profile.platform),
                                                 pluralised(profile.accounts, "account", "accounts"),
                                                 with_separators(profile.active)));
  if (!profile.self_label.empty())
    text += fmt::format(", and {}, which usher works as", escaped(profile.self_label));
  text += '\n';
  if (!profile.why_not.empty())
    text += "  " +
            ink.yellow("NOT COMPLETE: " + escaped(profile.why_not) + "; nobody counts as absent there") +
            "\n";
  if (!profile.fields.empty()) {
    Table table({left, right, right, right});
    table.row({"attribute", "filled", "", "different values"});
    for (const FieldProfile& field : profile.fields)
      table.row({escaped(field.path), with_separators(field.filled), share(field.filled, profile.accounts),
                 with_separators(field.distinct)});
    text += table.text(2);
  }
  if (!profile.entitlements.empty()) {
    Table table({left, left, right});
    for (const HeldEntitlement& held : profile.entitlements)
      table.row({escaped(held.kind), escaped(held.name), pluralised(held.members, "member", "members")});
    text += table.text(2);
  }
  for (const std::string& name : profile.same_names)
    text += fmt::format("  several are called {}: usher cannot tell them apart by name\n", escaped(name));
  return text;
}

std::string match_part(const Migration& migration, const Ink& ink) {
  std::string text = "\n" + ink.bold("Who is who") + "\n";
  if (migration.match.empty()) {
    text += fmt::format("  Nothing tells which account of {} is whose: everybody is taken for new there.\n",
                        escaped(migration.to));
  }
  Table table({left, left, left, right, right, right});
  table.row({"", migration.from, migration.to, "one to one", "ambiguous", "nobody there"});
  for (const Overlap& each : migration.overlaps) {
    const bool chosen = std::any_of(migration.match.begin(), migration.match.end(),
                                    [&](const Overlap& match) { return match.to == each.to; });
    table.row({chosen ? "matched by" : "not used", escaped(each.from), escaped(each.to),
               with_separators(each.unique), with_separators(each.ambiguous), with_separators(each.none)});
  }
  return migration.overlaps.empty() ? text : text + table.text(2);
}

std::string mapping_part(const Migration& migration, const Ink& ink) {
  std::string text = "\n" + ink.bold("What becomes what") + "\n";
  Table table({left, left, left, left});
  for (const Mapping& each : migration.mapping)
    table.row({escaped(each.from), "→", escaped(each.to), escaped(each.remark)});
  for (const GroupMapping& each : migration.groups) {
    if (each.to_kind.empty()) continue;
    table.row({escaped(each.kind + " " + each.name), "→", escaped(each.to_kind + " " + each.name),
               pluralised(each.members, "member", "members")});
  }
  return text + table.text(2);
}

std::string losses_part(const Migration& migration, const Ink& ink) {
  if (migration.losses.empty()) return "";
  Table table({left, right, left});
  for (const Loss& loss : migration.losses)
    table.row(
        {escaped(loss.what), loss.accounts == 0 ? "" : with_separators(loss.accounts), escaped(loss.why)});
  return "\n" + ink.yellow("Does not come along, and why:") + "\n" + table.text_within(80, 2);
}

/// "… and 12 more; `…` shows all"
template <class List, class Row>
std::string listed(const std::string& title, const List& list, const TextStyle& style, const Row& row) {
  if (list.empty()) return "";
  const std::size_t shown = style.limit == 0 ? list.size() : std::min(style.limit, list.size());
  std::string text = "\n" + Ink(style.colour).yellow(title) + "\n";
  for (std::size_t i = 0; i < shown; ++i) text += "  " + row(list[i]) + "\n";
  if (shown < list.size())
    text += fmt::format("  … and {} more{}\n", with_separators(list.size() - shown),
                        style.more.empty() ? "" : fmt::format("; `{}` shows all", style.more));
  return text;
}

std::string different_text(const Change& change) {
  std::string text = escaped(change.label);
  for (const FieldChange& field : change.fields) text += " " + escaped(field.path);
  for (const MembershipChange& each : change.memberships) text += " " + escaped(each.kind + " " + each.name);
  return text;
}

}  // namespace

std::string migration_text(const Migration& migration, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text =
      ink.bold(fmt::format("Migration from {} to {}", escaped(migration.from), escaped(migration.to))) +
      "\n" + fields_part(migration.source, ink) + fields_part(migration.target, ink);
  if (migration.proposed) text += match_part(migration, ink) + mapping_part(migration, ink);
  return text + losses_part(migration, ink);
}

std::uint64_t reopened(const Migration& migration, const Plan& plan) {
  return static_cast<std::uint64_t>(
      std::count_if(plan.operations.begin(), plan.operations.end(), [&](const Operation& operation) {
        return operation.platform == migration.to &&
               (operation.kind == OperationKind::enable || operation.kind == OperationKind::unlock);
      }));
}

std::string reopened_text(const Migration& migration, const Plan& plan, const TextStyle& style) {
  const std::uint64_t count = reopened(migration, plan);
  if (count == 0) return "";
  return Ink(style.colour)
             .yellow(fmt::format(
                 "{} on {} {} disabled or locked and would be usable again: {} has the {} as active.",
                 pluralised(count, "account", "accounts"), escaped(migration.to), count == 1 ? "is" : "are",
                 escaped(migration.from), count == 1 ? "person" : "people")) +
         "\n\n";
}

std::string parity_text(const Migration& migration, const Verification& parity, const TextStyle& style) {
  const Ink ink(style.colour);
  Table table({left, right});
  table.row({fmt::format("people of {}", escaped(migration.from)), with_separators(parity.people)});
  table.row({"  have a new account on " + escaped(migration.to), with_separators(parity.created)});
  if (parity.disabled > 0) table.row({"    of them disabled, as before", with_separators(parity.disabled)});
  table.row({"  have one that was there before", with_separators(parity.matched)});
  table.row({"  are disabled and not moved", with_separators(parity.inactive)});
  table.row({"  are left out by the rules", with_separators(parity.unwanted)});
  table.row({"  are missing", with_separators(parity.absent.size())});
  table.row({"accounts that are not as wanted", with_separators(parity.different.size())});
  table.row({fmt::format("accounts of {} that are nobody's", escaped(migration.to)),
             with_separators(parity.others)});
  std::string text =
      ink.bold(parity.clean() ? "Parity: everybody is there, as wanted" : "Parity: not reached") + "\n" +
      table.text(2);
  text += listed("Missing, and why:", parity.absent, style, [](const Absentee& each) {
    return fmt::format("{}  {}", escaped(each.label.empty() ? each.person : each.label), escaped(each.why));
  });
  text += listed("Not as wanted:", parity.different, style, different_text);
  text += listed("Cannot be made so, and why:", parity.notes, style, [](const Note& note) {
    return fmt::format("{}  {}", escaped(note.account), escaped(note.message));
  });
  return text + losses_part(migration, ink);
}

}  // namespace usher
