#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answers/inquiry.hpp"

namespace usher {

/// Somebody a question is about.
struct Whom {
  struct At {
    std::string platform;
    std::string account;  ///< id
  };
  std::string person;          ///< id; empty: the account is nobody's
  std::string label;           ///< what people call them: of an account, else the id
  std::vector<At> accounts;    ///< linked now, then linked earlier, then changed by usher for them
  std::set<std::string> keys;  ///< of the person, also those that they had before; empty: it is nobody
};

/// The text in lower case and without space around it: two texts that differ only in that become equal.
std::string without_case(std::string_view text);

/// Whether an account of somebody was theirs at a time (RFC 3339, UTC): linked to them, or not yet to
/// anybody.
bool was_theirs(Inquiry& inquiry, const Whom& whom, const std::string& platform, const std::string& account,
                const std::string& time);

/// Finds whom a text names: the key of a person, the id of an account, else an e-mail or label in an account
/// or a source's record, without regard to case. on: the platform that decides where accounts of several have
/// the same id; empty: none does. Throws CommandError(usage) for nobody, and for several, with their names.
Whom find_whom(Inquiry& inquiry, const std::string& who, const std::string& on);

}  // namespace usher
