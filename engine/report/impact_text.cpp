#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/report/impact_report.hpp"

namespace usher {

namespace {

constexpr std::size_t impact_width = 80, impact_names_shown = 5, rule_width = 400;

/// How a sentence of several is told of one.
std::string of_one(std::string_view sentence) {
  static constexpr std::array verbs{std::pair{"do not have ", "does not have "},
                                    std::pair{"have ", "has "},
                                    std::pair{"are ", "is "},
                                    std::pair{"get ", "gets "},
                                    std::pair{"lose ", "loses "},
                                    std::pair{"keep ", "keeps "}};
  for (const auto& [many, one] : verbs)
    if (sentence.starts_with(many)) return one + std::string(sentence.substr(std::string_view(many).size()));
  return std::string(sentence);
}

bool about_the_platform(const ImpactGroup& group) {
  return std::all_of(group.items.begin(), group.items.end(),
                     [](const ImpactItem& item) { return item.person.empty() && item.account.empty(); });
}

std::string values_of(const ImpactItem& item) {
  if (!item.what.starts_with("attribute ")) return {};
  return fmt::format(" {} → {}", item.before, item.after);
}

std::string name_of(const ImpactItem& item) {
  std::string name = item.person.empty() ? item.account : item.person;
  if (!item.label.empty() && item.label != name) name += " " + item.label;
  return escaped(name + values_of(item));
}

std::string names_of(const ImpactGroup& group, std::size_t limit) {
  if (about_the_platform(group)) return {};
  std::string names;
  const std::size_t all = group.items.size();
  const std::size_t shown = limit == 0 ? all : std::min(limit, all);
  for (std::size_t i = 0; i < shown; ++i) names += (i > 0 ? ", " : "") + name_of(group.items[i]);
  if (shown < all) names += fmt::format(" and {} more", with_separators(all - shown));
  return "  " + wrapped(names, impact_width - 2, 2) + "\n";
}

std::string stated(const std::string& text) {
  if (text.empty()) return "(nothing)";
  const std::string shown = escaped(text);
  const std::string begin = clipped(shown, rule_width);
  return begin.size() == shown.size() ? shown : begin + "…";
}

std::string edit_text(const RuleEdit& edit, const Ink& ink) {
  constexpr std::size_t indent = 9;
  return fmt::format("  {} ({})\n    {}  {}\n    {}  {}\n", escaped(edit.rule),
                     escaped(edit.place.to_string()), ink.red("was"),
                     wrapped(stated(edit.before), impact_width - indent, indent), ink.green("now"),
                     wrapped(stated(edit.after), impact_width - indent, indent));
}

std::string cause_part(const Impact& impact, const ImpactCause& cause, const TextStyle& style,
                       const Ink& ink) {
  std::string text;
  for (const ImpactGroup& group : cause.groups) {
    const std::string head = escaped(impact_place(cause)) + ":";
    const std::string line = wrapped(head + " " + escaped(impact_sentence(group)), impact_width - 2, 2);
    text += "\n" + ink.bold(head) + line.substr(head.size()) + "\n" +
            names_of(group, style.limit == 0 ? 0 : impact_names_shown);
  }
  for (const std::size_t edit : cause.edits) text += edit_text(impact.edits[edit], ink);
  if (cause.edits.empty())
    text += fmt::format("  follows from {} ({}), which was not edited\n", escaped(cause.rule),
                        escaped(cause.place.to_string()));
  return text;
}

}  // namespace

std::string impact_extent(const Impact& impact) {
  if (impact.items == 0) return "nothing for anybody";
  if (impact.people > 0) return "something for " + pluralised(impact.people, "person", "people");
  std::set<std::string> platforms;
  for (const ImpactCause& cause : impact.causes)
    for (const ImpactGroup& group : cause.groups) platforms.insert(group.platform);
  return fmt::format("something on {}", fmt::join(platforms, ", "));
}

std::string impact_sentence(const ImpactGroup& group) {
  if (about_the_platform(group)) return fmt::format("{} {}", group.platform, of_one(group.sentence));
  const bool people = std::any_of(group.items.begin(), group.items.end(),
                                  [](const ImpactItem& item) { return !item.person.empty(); });
  const std::size_t count = group.items.size();
  const std::string who =
      people ? pluralised(count, "person", "people") : pluralised(count, "account", "accounts");
  const std::string what = count == 1 ? of_one(group.sentence) : group.sentence;
  const bool note = group.sentence.find(" a note ") != std::string::npos;
  return note ? fmt::format("{} on {} {}", who, group.platform, what)
              : fmt::format("{} {} on {}", who, what, group.platform);
}

std::string impact_place(const ImpactCause& cause) {
  if (cause.edits.empty()) return "no edited rule";
  std::string place =
      cause.place.line > 0 ? fmt::format("{}:{}", cause.place.file, cause.place.line) : cause.place.file;
  if (cause.edits.size() > 1)
    place += fmt::format(" and {}", pluralised(cause.edits.size() - 1, "other edit", "other edits"));
  return place;
}

std::string impact_text(const Impact& impact, const std::string& configuration, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text = wrapped(fmt::format("{} changes {}, on the snapshots of the last pulls.",
                                         escaped(configuration), escaped(impact_extent(impact))),
                             impact_width, 0) +
                     "\n";
  for (const ImpactCause& cause : impact.causes) text += cause_part(impact, cause, style, ink);
  if (!impact.objections.empty()) text += "\n" + ink.yellow("Guards that would hold it:") + "\n";
  for (const Objection& objection : impact.objections)
    text +=
        "  " + wrapped(escaped(objection.platform + ": " + objection.message), impact_width - 4, 4) + "\n";
  if (!impact.idle.empty()) text += "\nEdits that change nothing for anybody now:\n";
  for (const std::size_t edit : impact.idle) text += edit_text(impact.edits[edit], ink);
  return text;
}

}  // namespace usher
