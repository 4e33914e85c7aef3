#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "state/model/account.hpp"
#include "state/model/capabilities.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// The accounts of one platform that usher wrote to, as its writes left them. One thread.
class WrittenAccounts {
 public:
  /// How an account was before the first of these writes; nullopt: it was not there.
  using Lookup = std::function<std::optional<Account>(const std::string& id)>;

  /// can: of the platform; must outlive it.
  WrittenAccounts(const Capabilities& can, Lookup lookup) : can_(can), lookup_(std::move(lookup)) {}

  /// Operations in the order in which they were sent; those that are not done change nothing.
  void add(const JournalEntry& entry);

  /// By id; nullopt: deleted, or never known.
  const std::map<std::string, std::optional<Account>>& accounts() const { return accounts_; }

 private:
  std::optional<Account>& known(const std::string& id);

  const Capabilities& can_;
  const Lookup lookup_;
  std::map<std::string, std::optional<Account>> accounts_;
  std::map<std::string, std::string> made_;  // person -> account that was created
};

}  // namespace usher
