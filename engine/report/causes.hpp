#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/apply/apply_report.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Everything on one platform that is so for one reason.
struct Cause {
  struct Named {
    std::string name;
    std::string id;  ///< of the note, for `usher accept`; empty: it is none
  };
  std::string platform;
  std::string what;  ///< "rule-error", "disable", "update failed"
  std::string why;
  std::uint64_t count = 0;
  std::vector<Named> names;  ///< of the first three
  std::string id;            ///< of its only note; empty: none, or several
};

/// Notes of one severity, by platform and kind; the most frequent cause of a kind first.
std::vector<Cause> causes_of_notes(const Plan& plan, Severity severity);
/// Changes of which a guard holds something.
std::vector<Cause> causes_of_held(const Plan& plan);
/// What was not done in a run.
std::vector<Cause> causes_of_troubles(const ApplyReport& report);

/// One cause as a paragraph of at most 80 columns: "  iot rule-error: 300 × no such field: first (E1, E2, E3,
/// …)". mark: a word before it, "held"; empty: none.
std::string cause_text(const Cause& cause, const Ink& ink, std::string_view mark = {});

}  // namespace usher
