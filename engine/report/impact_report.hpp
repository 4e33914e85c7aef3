#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/answers/impact.hpp"
#include "engine/report/plan_views.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

/// The impact as a person reads it: one line for each thing that an edit causes, "usher.yaml:41: 212 people
/// lose group admins on iot", with names below it and each edited rule as it was and is. configuration: how
/// the new one is called.
std::string impact_text(const Impact& impact, const std::string& configuration, const TextStyle& style);

/// docs/reports.md states the shape.
nlohmann::ordered_json impact_json(const Impact& impact, const std::string& configuration, ExitCode code);

/// For a merge request: at most `limit` bytes; what does not fit is left out, from the end, and said.
std::string impact_markdown(const Impact& impact, const std::string& configuration,
                            std::size_t limit = markdown_limit);

/// One HTML file that loads nothing and runs no script. Everything from data is escaped.
std::string impact_html(const Impact& impact, const std::string& configuration);

/// One row for each thing that somebody has otherwise.
std::string impact_csv(const Impact& impact);

/// "nothing for anybody", "something for 212 people"; where it is about nobody alone, "something on iot".
std::string impact_extent(const Impact& impact);
/// "212 people lose group admins on iot", "1 account has its account disabled on iot", "iot has a note …".
std::string impact_sentence(const ImpactGroup& group);
/// "usher.yaml:41"; of several edits the first, with how many others; "no edited rule" where none explains
/// it.
std::string impact_place(const ImpactCause& cause);

}  // namespace usher
