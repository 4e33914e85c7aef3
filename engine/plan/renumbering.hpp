#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/comparison.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// People whose old key is gone and who seem to be declared under another: their record names somebody else
/// by now, or somebody else is found to have their account. For one thread.
class Renumbering {
 public:
  /// Whose record names somebody else by now, as desire() found it.
  static Renumbering of_records(Database& database);

  /// doubtful: the match is uncertain: the account of `before` is kept, and never handed on. Returns whether
  /// the pair is new.
  bool add(const std::string& before, const std::string& now, bool doubtful = false);

  /// Who somebody seems to be by now; empty: nobody, or several.
  std::string now(const std::string& before) const;
  /// Who somebody seems to have been; empty: nobody, or several.
  std::string before(const std::string& now) const;
  /// Who has another key by now and, under the one before, an account on a platform.
  std::set<std::string> with_account(Database& database, PlatformId platform) const;

  /// before, now; sorted.
  const std::set<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::set<std::pair<std::string, std::string>> pairs_;
  std::set<std::string> doubtful_;                               // those whose account may be meant
  std::map<std::string, std::vector<std::string>> olds_, news_;  // with their counterparts
};

/// Whose an account is, when that is nobody who is declared any more; empty: somebody's, or nobody's at all.
std::string who_is_gone(Database& database, PlatformId platform, const Fingerprint& account);

/// Accounts of people who have a new key are neither taken nor changed: takes them out of `candidates` and
/// says so. hands_on: where it is clear who is who they go to the new key and are compared with what it
/// should have. Who should have none here under the new key has left.
void keep_renumbered(Database& database, const Target& target, bool hands_on, const Renumbering& renumbering,
                     Plan& plan, std::vector<Candidate>& candidates);

}  // namespace usher
