#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/journal.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// A version of an account, with the pulls between which it was so.
struct AccountVersion {
  Account account;
  std::uint64_t born = 0;                  ///< the generation that brought it
  std::optional<std::uint64_t> died = {};  ///< the generation that replaced or removed it; nullopt: it lives
};

/// When a generation was read.
struct PullTimes {
  std::string started_at, ended_at;
};

/// What operations came to.
struct OperationCounts {
  std::uint64_t given = 0;    ///< done: accounts and memberships that came or were enabled
  std::uint64_t changed = 0;  ///< done: attributes, details, secrets
  std::uint64_t taken = 0;    ///< done: what was taken away
  std::uint64_t failed = 0;
  std::uint64_t open = 0;  ///< planned, sent, unknown
  std::uint64_t skipped = 0;

  void add(const OperationCounts& other);
};

/// What the operations of one run came to.
struct RunCounts {
  RunState run;
  std::map<std::string, OperationCounts> platforms;
};

/// Looks up what was, as far as the state remembers. Reads through one connection, in that connection's
/// thread.
class Past {
 public:
  explicit Past(Connection& connection) : connection_(connection) {}

  /// Every version of one account, oldest first.
  std::vector<AccountVersion> versions(PlatformId platform, const Fingerprint& key);
  /// The account as it was after a generation; nullopt: it was not there.
  std::optional<Account> as_of(PlatformId platform, const Fingerprint& key, std::uint64_t generation);

  /// Every version of any account that is in an entitlement, in no order. Looks through the whole platform.
  /// generation: only those that lived after it; nullopt: all.
  void for_each_member_version(PlatformId platform, std::string_view kind, std::string_view entitlement,
                               std::optional<std::uint64_t> generation,
                               const std::function<void(const AccountVersion&)>& visit);
  /// Every version that came after generation `from` or went after it, up to generation `to`, in no order.
  /// Looks at no others.
  void for_each_version_between(PlatformId platform, std::uint64_t from, std::uint64_t to,
                                const std::function<void(const AccountVersion&)>& visit);

  /// The generations that are remembered, with their times.
  std::map<std::uint64_t, PullTimes> pulls(PlatformId platform);
  /// The newest generation that was read whole by then; 0: none that is remembered.
  std::uint64_t generation_at(PlatformId platform, std::string_view time);

  /// Whether anybody was ever linked to an account there.
  bool had_links(PlatformId platform);

  /// Newest first; at most so many.
  std::vector<RunCounts> runs(std::size_t limit);

  /// Those of the last run that had something to do for a person on a platform, in the order of its plan;
  /// empty: no run that is remembered.
  std::vector<JournalEntry> last_run_of(std::string_view platform, std::string_view person);
  /// When something was last sent for a person to a platform, RFC 3339 in UTC; empty: never, as far as it is
  /// remembered.
  std::string last_sent_at(std::string_view platform, std::string_view person);
  /// Operations of one person on any platform, oldest first.
  std::vector<JournalEntry> operations_of_person(std::string_view person);
  /// Operations on one account, oldest first.
  std::vector<JournalEntry> operations_of_account(std::string_view platform, std::string_view account);
  /// Those of them that write attributes: creates and updates.
  std::vector<JournalEntry> writes_of_values(std::string_view platform, std::string_view account);
  /// Operations that changed who is in an entitlement, oldest first; creates that came with it included.
  std::vector<JournalEntry> operations_on(std::string_view platform, std::string_view kind,
                                          std::string_view entitlement);
  /// Those of them on one account.
  std::vector<JournalEntry> operations_on(std::string_view platform, std::string_view kind,
                                          std::string_view entitlement, std::string_view account);
  /// Operations on a platform that were sent since a time by runs up to this one, in the order of sending.
  void for_each_written(std::string_view platform, std::string_view since, std::int64_t run,
                        const std::function<void(const JournalEntry&)>& visit);
  /// The kinds of the entitlements with that id whose members operations changed.
  std::vector<std::string> kinds_of(std::string_view platform, std::string_view entitlement);

 private:
  Connection& connection_;
};

}  // namespace usher
