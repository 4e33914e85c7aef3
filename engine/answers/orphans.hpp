#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/answers/inquiry.hpp"

namespace usher {

/// An account that belongs to nobody who is declared.
struct Orphan {
  std::string platform, account, label;
  bool active = true;
  bool own = false;     ///< the account this program logs in with
  std::string since;    ///< when a pull first saw it as it is
  std::string becomes;  ///< "stays", or what the rules want: "disabled", "locked", "deleted"
  std::string day;      ///< when; empty: it stays
  bool held = false;    ///< a guard holds it
  std::string because;
};

/// The accounts nobody is linked to and nobody would be by the plan, by platform and label, and what becomes
/// of them. plan: of the forecast. on: only there; empty: everywhere.
std::vector<Orphan> orphans(Inquiry& inquiry, Forecast& forecast, const Plan& plan, const std::string& on);

/// The same of one account that nobody is linked to; nullopt: the plan links it to somebody.
std::optional<Orphan> orphan_of(Inquiry& inquiry, Forecast& forecast, const Plan& plan,
                                const std::string& platform, const Account& account);

}  // namespace usher
