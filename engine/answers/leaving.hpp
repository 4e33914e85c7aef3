#pragma once

#include <string>
#include <vector>

#include "engine/answers/inquiry.hpp"

namespace usher {

/// Something somebody loses on a day to come.
struct PlannedLoss {
  std::string day;  ///< "2026-12-01": the first plan of that day takes it
  std::string platform, person, account, label;
  std::string what;     ///< "account is disabled", "group engineers"
  std::string because;  ///< of the change
  bool held = false;    ///< a guard would hold it
};

/// Who loses what, and of whom that cannot be told.
struct PlannedLosses {
  std::vector<PlannedLoss> found;
  std::vector<std::string> unknown;  ///< a sentence a platform: whose accounts were not judged, and why
};

/// Who loses what within so many days, by the rules and the last pulls: what the plan of each day takes away
/// that the plan of no day before did. Today's comes first.
PlannedLosses losses(Forecast& forecast, int days);

}  // namespace usher
