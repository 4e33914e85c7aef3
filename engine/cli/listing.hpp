#pragma once

#include "engine/cli/command.hpp"
#include "engine/report/answers_report.hpp"

namespace usher::cli {

// What the commands that answer questions have in common.

inline constexpr Option on_option{"on", 0, "PLATFORM", "only this platform"};
/// --output of commands whose result is a list.
inline constexpr Option list_output_option{"output", 'o', "text|json|csv",
                                           "format of the result on standard output", "text"};
inline constexpr Option csv_option{"csv", 0, {}, "the same as --output csv"};

/// --on, when it names a platform that people have accounts on; empty without it. Throws CommandError(usage).
std::string platform_asked_for(const Call& call, const Inquiry& inquiry);
/// Likewise, also one that the rules do not name any more and the state still knows.
std::string past_platform_asked_for(const Call& call, Inquiry& inquiry);

/// Whether a list is asked for as CSV. Throws CommandError(usage) where it is asked for as JSON, too.
bool wants_csv(const Call& call);

/// Writes a list as text, JSON or CSV, as asked for.
void print_list(const Call& call, const ListReport& list, ExitCode code = ExitCode::done);

/// The groups (profiles, roles) of that name, on --on or anywhere. Throws CommandError(usage) for none.
std::vector<std::pair<std::string, Entitlement>> entitlements_asked_for(const Call& call, Inquiry& inquiry,
                                                                        const std::string& name);

}  // namespace usher::cli
