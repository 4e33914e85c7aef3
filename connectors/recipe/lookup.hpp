#pragma once

#include <map>
#include <optional>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/recipe/account_objects.hpp"
#include "connectors/recipe/memberships.hpp"
#include "connectors/recipe/objects_read.hpp"
#include "connectors/recipe/platform.hpp"
#include "state/model/mutex.hpp"

namespace usher::recipe {

/// Looks up one account, by its id or by its natural key.
/// Threads: any number. What it is made of must outlive it.
class AccountLookup {
 public:
  AccountLookup(const RecipePlatform& platform, const AccountObjects& objects,
                const MembershipReader& memberships)
      : platform_(platform), objects_(objects), memberships_(memberships) {}

  /// See Connector::read.
  Outcome<std::optional<Account>> read(const AccountQuery& query, const std::stop_token& stop);

  /// The objects that were read by id in a run of changes and that no change has used yet.
  ObjectsRead& objects_read() { return read_; }

  /// The account alone, without memberships that stand elsewhere. unreadable: told what of it cannot be read;
  /// null: it may go without. REQUIRES: the recipe has a `get`.
  Outcome<std::optional<Account>> get(const std::string& id, const std::stop_token& stop,
                                      std::string* unreadable = nullptr) const;

 private:
  /// What a look-up answered: the account that was asked for, and how many others came with it.
  struct Found {
    std::optional<Account> account;
    std::size_t others = 0;
  };
  struct Question;
  Outcome<Found> ask(const Question& question, Scope& scope, const std::stop_token& stop,
                     std::string* unreadable = nullptr) const;
  Outcome<Found> choose_in_list(const Question& question, const simdjson::dom::element& document,
                                const Reply& reply, std::string* unreadable) const;
  Outcome<std::optional<Account>> find(const std::string& key, const std::stop_token& stop);
  /// Whether a search heeds what it is asked for: it finds nobody for a key that nobody can have. Asked once.
  Outcome<bool> heeds_its_key(std::size_t find, const std::stop_token& stop);

  const RecipePlatform& platform_;
  const AccountObjects& objects_;
  const MembershipReader& memberships_;
  mutable ObjectsRead read_;
  Mutex heeds_mutex_;
  std::map<std::size_t, bool> heeds_ GUARDED_BY(heeds_mutex_);  // of the searches that were tried
};

}  // namespace usher::recipe
