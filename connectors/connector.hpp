#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/failure.hpp"
#include "state/model/operation.hpp"
#include "state/model/request_cost.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// A row or object of a listing that cannot be used: it is counted, reported and breaks the seal.
struct BadRecord {
  std::string where;  ///< "people.csv:17", "GET /users?offset=100 item 3"
  std::string why;
  std::string id = {};   ///< of the account or record, where it can be read; such an account is not absent
  std::string key = {};  ///< its natural key, likewise
};

/// What one fetch() answered. One page carries one listing: entitlements, then memberships, then accounts; a
/// connector that reads memberships inside its users leaves the first two out.
struct Page {
  std::string listing;  ///< "users", "groups": totals and repeated-page checks are per listing
  std::vector<Entitlement> entitlements;
  std::vector<Membership> memberships;
  std::vector<Account> accounts;
  std::vector<std::uint64_t> lines;  ///< of a file: where each of the accounts begins, from 1; else empty
  std::vector<std::string> columns;  ///< of a file with a header: what each of its records has; else empty
  std::vector<BadRecord> bad;
  std::size_t items = 0;  ///< what the platform answered, bad ones included
  std::size_t alone = 0;  ///< accounts that had to be asked for one by one
  /// The listing shifted while it was read: somebody may have slipped between two pages. What the platform
  /// did, as a part of a sentence; empty: the pages fit together.
  std::string moved;
  std::optional<std::uint64_t> total;  ///< how many of this listing exist, where the platform says so
  std::string no_total;  ///< why there is none although the platform should tell; empty: none is expected
  std::vector<std::string> vanished;  ///< ids that are listed and answered "not found" when asked for alone
  std::string
      no_proof;  ///< on any page: why the pull proves nobody absent although all was read; empty: it may
  bool permanent = false;            ///< accounts of this listing cannot be deleted, only disabled
  std::vector<std::string> remarks;  ///< what the user should know of the pull, seal or not
  std::string next;  ///< cursor of the next page; empty only after the true last page of all listings
  std::string self;  ///< id of the engine's own account; on any page, empty: unknown
  // What a listing without a total of its own says of its completeness; on the last page, beside no_proof.
  bool may_be_empty = false;  ///< nobody at all is a true answer
  double may_lose = 100;      ///< percent of the last pull's accounts that may be missing; five always may
};

/// What an operation did.
struct Receipt {
  std::string account;   ///< the account's id; a create answers the new one
  bool already = false;  ///< the platform said it was so before
  Secret secret = {};  ///< what the platform made and answers only now: handed over or forgotten, never kept
  bool unfinished = false;  ///< create: the account is there, and finish() is still to be called
  Secret answer = {};       ///< create: what the platform said, for finish()
};

/// One credential of an account as the platform tells it: never the secret itself.
struct Credential {
  std::string kind, id, name;
  std::string expires;  ///< as the platform writes it; empty: never, or not said
};

/// Which account is asked for, and how much of it.
struct AccountQuery {
  std::string id = {};
  std::string natural_key = {};  ///< where the id is empty
  /// Kinds of memberships that are asked for: others may be left out where each costs a request. nullopt:
  /// all.
  std::optional<std::vector<std::string>> kinds = {};
  /// The memberships that matter, by kind and entitlement: of a platform that cannot be asked by account,
  /// others may be left out, and what is answered may be as it was at the beginning of a run of changes and
  /// as that run changed it since. nullopt: all of the kinds, as they are now.
  std::optional<std::vector<std::pair<std::string, std::string>>> edges = {};
};
/// For AccountQuery::kinds: the account alone.
inline const std::vector<std::string> no_kinds;

/// What a platform answers when it is only asked who we are and what we may do.
struct Probe {
  std::string self;  ///< id of the engine's own account; empty: it has none, or nobody can tell
  bool asks_for_everybody = false;  ///< it can be asked whether we are shown every account
  std::string hidden;               ///< why we are not; empty: we are, or nobody can tell
  std::string date;  ///< the platform's clock as its reply gives it (RFC 9110 §6.6.1); empty: not given
  struct Permission {
    std::string what;  ///< "group engineers"
    bool allowed = false;
    std::string why_not;
  };
  std::vector<Permission> permissions;  ///< only where the platform can be asked
};

/// Speaks to one kind of platform. A connector never retries, sleeps, loops over pages, logs, or keeps a
/// secret longer than the session needs; what wraps it does all that once for all connectors. It
/// canonicalises through the schema and classifies every failure.
///
/// Threads: capabilities() is constant after construction. fetch() is called from one thread at a time;
/// apply() and read() from any number. All calls block; they return FailureKind::stopped within one request
/// of a stop.
class Connector {
 public:
  virtual ~Connector() = default;

  virtual const Capabilities& capabilities() const = 0;

  /// A mark of what a pull would read, had without reading it: other than that of an earlier pull means that
  /// the earlier one is out of date (a file: size, modification time, inode, or that it is not there, and
  /// its options; a recipe: what it and the options say). Empty: nobody can tell. May be called between
  /// fetches, from their thread.
  virtual std::string signature() const = 0;

  /// What a pull proves itself with failed three times in the same way: reads the next one with another
  /// proof. False: there is none.
  virtual bool prove_otherwise() = 0;

  /// One page of the platform as it is. cursor: empty for the first page, then the `next` of the page before.
  virtual Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) = 0;

  /// Carries out one operation with one request, or the fixed sequence a recipe states. first_secret: what a
  /// create sets as the new account's password; empty otherwise.
  virtual Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                                 std::stop_token stop) = 0;

  /// Carries out every change of one account's memberships of one kind with the call that sets them all.
  /// memberships: the ids of the entitlements it is to have afterwards, sorted. REQUIRES: `changes` are of
  /// one account and of one kind, and EntitlementKind::sets.
  virtual Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                           const std::vector<std::string>& memberships,
                                           std::stop_token stop) = 0;

  /// What these operations cost in one run where nothing goes wrong; no request. entitlements: of the last
  /// pull. REQUIRES: operations of one change follow each other, and the account of each change that has one
  /// is read before the first of them.
  virtual RequestCost cost(std::span<const Operation* const> operations,
                           const std::vector<Entitlement>& entitlements) const = 0;

  /// A run of changes begins: what is read for one of them may serve the others, until the next fetch(). Not
  /// called while another call is under way.
  virtual void begin_changes() = 0;

  /// What follows a create that worked: the calls that make the account whole, and the secret that the
  /// platform made. May be called again after a failure, also much later, then with the account's id alone in
  /// `made`.
  virtual Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                                  std::stop_token stop) = 0;

  /// One account as it is now. nullopt: it does not exist. A look-up by the natural key that finds nobody is
  /// FailureKind::unsupported where the platform is known to answer anybody.
  virtual Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token stop) = 0;

  /// The credentials of one kind that an account has. account: its id, or that of what else holds this kind.
  virtual Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                                       std::stop_token stop) = 0;

  /// Asks who we are, and for each of these entitlements whether we may change who is in it.
  virtual Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) = 0;
};

/// A connector that says for what it does not override what a platform without it says: no signature, one
/// proof, no cost, nothing that sets all memberships, nothing to finish, no credentials, and who we are from
/// the first page. Every call of Connector is abstract there, so that what wraps a connector cannot forget
/// one; see ConnectorWrapper.
class PlainConnector : public Connector {
 public:
  std::string signature() const override { return {}; }
  bool prove_otherwise() override { return false; }
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships,
                                   std::stop_token stop) override;
  RequestCost cost(std::span<const Operation* const>, const std::vector<Entitlement>&) const override {
    return {};
  }
  void begin_changes() override {}
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                          std::stop_token stop) override;
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token stop) override;
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) override;
};

}  // namespace usher
