#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/answers/whom.hpp"
#include "state/model/account.hpp"

namespace usher {

/// One change of one account, membership or record.
struct HistoryEntry {
  std::string at;     ///< when it was carried out, or when the pull that first saw it ended; RFC 3339
  std::string after;  ///< of what a pull saw: when the pull before it began; empty: at that time exactly
  std::string platform;
  std::string person, account, label;
  std::string act;   ///< an operation's kind, or "appeared", "disappeared", "changed", "added", "removed",
                     ///< or the command that said whose the account is: "link", "unlink", "relink"
  std::string what;  ///< "group flow-authors", "name", "account"
  nlohmann::json before;  ///< null: none, or unknown
  nlohmann::json now;
  std::int64_t run = 0;                     ///< that did it; 0: somebody on the platform, or in the source
  std::string actor, reason;                ///< who started the run ("ada@host"), and why as it was given
  std::vector<std::string> approvals = {};  ///< under which it was done although a guard holds its lane
  std::string state;                        ///< of an operation: done, failed, unknown
  std::string because, rule;
  std::string message;  ///< of an operation that is not done

  bool by_usher() const { return run != 0; }
  /// Of an entry about a membership: also when it went with the whole account.
  bool takes_membership() const { return act == "remove-membership" || act == "removed" || act == "delete"; }
};

/// Every change of somebody's accounts and records that the state remembers, oldest first: what this program
/// did, out of its journal, and what pulls saw that it did not do.
std::vector<HistoryEntry> history_of(Inquiry& inquiry, const Whom& whom);

/// Every change of who is in an entitlement of a platform, oldest first.
std::vector<HistoryEntry> history_of(Inquiry& inquiry, const std::string& platform,
                                     const Entitlement& entitlement);
/// Those of them that concern somebody's accounts.
std::vector<HistoryEntry> history_of(Inquiry& inquiry, const std::string& platform,
                                     const Entitlement& entitlement, const Whom& whom);

/// Oldest first; of one time as they were.
void sort_by_time(std::vector<HistoryEntry>& entries);

/// Everything of an account that can change: attributes by path, memberships by name ("group engineers"), and
/// `active`.
std::map<std::string, nlohmann::json> parts_of(const Account& account, const EntitlementNames& names);

/// What changed from one to the other, an entry each; both may lack what the other has.
std::vector<HistoryEntry> changes_between(const std::map<std::string, nlohmann::json>& before,
                                          const std::map<std::string, nlohmann::json>& now);

/// The entitlements a text names (a name, scope/name or an id), each with its platform. on: only there;
/// empty: anywhere.
std::vector<std::pair<std::string, Entitlement>> find_entitlements(Inquiry& inquiry, const std::string& name,
                                                                   const std::string& on);

}  // namespace usher
