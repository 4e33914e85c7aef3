#pragma once

#include <cstdint>
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
  std::string kind, entitlement;  ///< of a membership: the entitlement's kind and id; empty: it is about none
  nlohmann::json before;          ///< null: none, or unknown
  nlohmann::json now;
  std::int64_t run = 0;                     ///< that did it; 0: somebody on the platform, or in the source
  std::string actor, reason;                ///< who started the run ("ada@host"), and why as it was given
  std::vector<std::string> approvals = {};  ///< under which it was done although a guard holds its lane
  std::string state;                        ///< of an operation: done, failed, unknown
  std::string because, rule;
  std::string message;  ///< of an operation that is not done

  bool by_usher() const { return run != 0; }
  /// An operation that the platform refused, or that was not sent.
  bool came_to_nothing() const { return state == "failed" || state == "skipped" || state == "planned"; }
  bool is_membership() const { return !entitlement.empty(); }
  /// What it is about, the same whatever a platform calls it: as `what`, with the id of an entitlement.
  std::string subject() const { return is_membership() ? kind + " " + entitlement : what; }
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

/// The entitlements a text names or named (a name, scope/name or an id), each with its platform, also those
/// that are gone. on: only there; empty: anywhere.
std::vector<std::pair<std::string, Entitlement>> find_entitlements(Inquiry& inquiry, const std::string& name,
                                                                   const std::string& on);

}  // namespace usher
