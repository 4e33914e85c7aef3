#include <fmt/format.h>

#include <algorithm>

#include "engine/report/impact_report.hpp"
#include "engine/report/markdown_text.hpp"

namespace usher {

namespace {

constexpr std::size_t people_shown = 20, rule_bytes = 400, impact_rest_bytes = 200;

std::string stated_markdown(const std::string& text) {
  if (text.empty()) return "*nothing*";
  const std::string shown = clipped(escaped(text), rule_bytes);
  return markdown_text(shown.size() < text.size() ? shown + "…" : shown);
}

std::string edits_part(const Impact& impact, const ImpactCause& cause) {
  if (cause.edits.empty())
    return fmt::format("Follows from {}, which was not edited.\n\n", markdown_text(cause.rule));
  std::string text;
  for (const std::size_t index : cause.edits) {
    const RuleEdit& edit = impact.edits[index];
    text += fmt::format("* {} ({})\n  * was: {}\n  * now: {}\n", markdown_text(edit.rule),
                        markdown_text(edit.place.to_string()), stated_markdown(edit.before),
                        stated_markdown(edit.after));
  }
  return text + "\n";
}

std::string people_part(const ImpactGroup& group) {
  std::string text =
      fmt::format("<details><summary>{}</summary>\n\n", pluralised(group.items.size(), "entry", "entries"));
  text += "| person | account | what | before | after |\n|---|---|---|---|---|\n";
  const std::size_t shown = std::min(people_shown, group.items.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const ImpactItem& item = group.items[i];
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(item.person),
                        markdown_text(item.label.empty() ? item.account : item.label),
                        markdown_text(item.what), markdown_text(item.before), markdown_text(item.after));
  }
  if (shown < group.items.size())
    text += fmt::format("\n… and {} more\n", with_separators(group.items.size() - shown));
  return text + "\n</details>\n\n";
}

}  // namespace

std::string impact_markdown(const Impact& impact, const std::string& configuration, std::size_t limit) {
  std::string text = fmt::format("## usher: {} changes {}\n\n", markdown_text(configuration),
                                 markdown_text(impact_extent(impact)));
  text += "On the snapshots of the last pulls. Nothing was written.\n\n";
  for (const Objection& objection : impact.objections)
    text += fmt::format("* **A guard would hold it**: {}: {}\n", markdown_text(objection.platform),
                        markdown_text(objection.message));
  if (!impact.objections.empty()) text += "\n";
  std::vector<std::string> parts;
  for (const ImpactCause& cause : impact.causes) {
    for (const ImpactGroup& group : cause.groups)
      parts.push_back(fmt::format("### {}: {}\n\n{}", markdown_text(impact_place(cause)),
                                  markdown_text(impact_sentence(group)), people_part(group)));
    parts.push_back(edits_part(impact, cause));
  }
  if (!impact.idle.empty()) parts.emplace_back("### Edits that change nothing for anybody now\n\n");
  for (const std::size_t index : impact.idle)
    parts.push_back(fmt::format("* {} ({}): {} → {}\n", markdown_text(impact.edits[index].rule),
                                markdown_text(impact.edits[index].place.to_string()),
                                stated_markdown(impact.edits[index].before),
                                stated_markdown(impact.edits[index].after)));
  std::size_t shown = 0;
  for (; shown < parts.size(); ++shown) {
    if (text.size() + parts[shown].size() + impact_rest_bytes > limit) break;
    text += parts[shown];
  }
  if (shown < parts.size())
    text +=
        fmt::format("\n{} left out to fit: `usher impact --new {}` shows all.\n",
                    pluralised(parts.size() - shown, "part is", "parts are"), markdown_text(configuration));
  return text;
}

}  // namespace usher
