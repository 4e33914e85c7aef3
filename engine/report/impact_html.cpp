#include <fmt/format.h>

#include "engine/report/html_text.hpp"
#include "engine/report/impact_report.hpp"

namespace usher {

namespace {

std::string impact_value(const char* tag, const std::string& text) {
  return text.empty() ? "" : fmt::format("<{0} class=\"value\">{1}</{0}>", tag, html_text(text));
}

std::string edit_html(const RuleEdit& edit) {
  return fmt::format("<p><code>{}</code> <span class=\"dim\">{}</span><br>{} {}</p>\n", html_text(edit.rule),
                     html_text(edit.place.to_string()), impact_value("del", edit.before),
                     impact_value("ins", edit.after));
}

std::string group_html(const ImpactCause& cause, const ImpactGroup& group) {
  std::string text = fmt::format(
      "<details><summary class=\"{}\"><span class=\"kind\">{}: "
      "{}</span></summary>\n<table><thead><tr><th>What"
      "</th><th>Person</th><th>Account</th><th>Before</th><th>After</th></tr></thead><tbody>\n",
      group.takes_away ? "take" : "alter", html_text(impact_place(cause)), html_text(impact_sentence(group)));
  for (const ImpactItem& item : group.items)
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        html_text(item.what), html_text(item.person),
                        html_text(item.label.empty() ? item.account : item.label),
                        impact_value("del", item.before), impact_value("ins", item.after));
  return text + "</tbody></table></details>\n";
}

}  // namespace

std::string impact_html(const Impact& impact, const std::string& configuration) {
  const std::string_view style = html_part("style");
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; "
      "base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>usher: impact of {}</title>\n<style>{}</style>\n</head>\n<body>\n<header>\n<h1>{} changes "
      "{}</h1>\n<p class=\"dim\">On the snapshots of the last pulls. Nothing was "
      "written.</p>\n</header>\n<main>\n",
      policy_hash(style), html_text(configuration), style, html_text(configuration),
      html_text(impact_extent(impact)));
  if (!impact.objections.empty()) {
    text += "<section class=\"attention\"><h2>Guards that would hold it</h2><ul>\n";
    for (const Objection& objection : impact.objections)
      text += fmt::format("<li>{}: {}</li>\n", html_text(objection.platform), html_text(objection.message));
    text += "</ul></section>\n";
  }
  for (const ImpactCause& cause : impact.causes) {
    text += fmt::format("<section><h2>{}</h2>\n", html_text(impact_place(cause)));
    for (const std::size_t edit : cause.edits) text += edit_html(impact.edits[edit]);
    if (cause.edits.empty())
      text +=
          fmt::format("<p>Follows from <code>{}</code>, which was not edited.</p>\n", html_text(cause.rule));
    for (const ImpactGroup& group : cause.groups) text += group_html(cause, group);
    text += "</section>\n";
  }
  if (!impact.idle.empty()) {
    text += "<section><h2>Edits that change nothing for anybody now</h2>\n";
    for (const std::size_t edit : impact.idle) text += edit_html(impact.edits[edit]);
    text += "</section>\n";
  }
  return text + "</main>\n</body>\n</html>\n";
}

}  // namespace usher
