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

/// Who loses what within so many days, by the rules and the last pulls: what the plan of each day takes away
/// that the plan of no day before did. Today's comes first.
std::vector<PlannedLoss> losses(Forecast& forecast, int days);

}  // namespace usher
