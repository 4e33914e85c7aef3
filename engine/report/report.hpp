#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/plan_json.hpp"

namespace usher {

struct ApplyReport;
struct PullReport;

/// A plan as somebody wants to read it at 3 a.m.: what happens where, what is held and how to allow it, what
/// cannot be done, then every change with its reason, those that take away first.
std::string plan_text(const Plan& plan, const TextStyle& style);
/// What of a plan is not carried out, and why: what was not read, what a guard holds, and its notes. Empty:
/// all of it is.
std::string withheld_text(const Plan& plan, const TextStyle& style);
/// {"report":"plan","exit":…,"summary":…,"plan":null}: docs/reports.md states the shape, and write_printed()
/// puts the plan there, which as a whole would take several times the memory it takes already.
nlohmann::ordered_json plan_json(const Plan& plan, const Conditions& conditions);

/// What cron has to tell somebody of a sync, in a few lines: what was done in numbers, what is held, not done
/// or not read, one line a cause. Empty: all was done, and nothing asks for attention.
std::string brief_text(const std::vector<PullReport>& pulls, const Plan& plan, const ApplyReport& report,
                       const TextStyle& style);
/// "Apply 87 changes: 12 updates on flows, 75 on iot; 265 are held?": what is asked before an apply.
std::string apply_question(const Plan& plan);

std::string pull_text(const std::vector<PullReport>& reports, const TextStyle& style);
nlohmann::ordered_json pull_json(const std::vector<PullReport>& reports, const Conditions& conditions);

/// plan: what was applied; its held operations are said to be held.
std::string apply_text(const ApplyReport& report, const Plan& plan, const TextStyle& style);
nlohmann::ordered_json apply_json(const ApplyReport& report, const Plan& plan, const Conditions& conditions);

/// {"code": 2, "name": "changes-pending"}: stands in every JSON result.
nlohmann::ordered_json exit_json(ExitCode code);
/// {"report":"error","exit":…,"conditions":…,"message":…}
nlohmann::ordered_json error_json(const Conditions& conditions, const std::string& message);
/// ["source-incomplete", "lane-held"]: all that is so when a command ends, in the order in which it decides.
nlohmann::ordered_json conditions_json(const Conditions& conditions);
/// The JSON as it is printed: indented, invalid UTF-8 replaced, with a line end.
std::string printed(const nlohmann::ordered_json& json);
/// The same of a report that is plan_json() or holds it as "plan".
void write_printed(const nlohmann::ordered_json& json, const Plan& plan, const TextSink& sink);

}  // namespace usher
