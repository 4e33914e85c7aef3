#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/failure.hpp"
#include "state/model/mutex.hpp"

namespace usher::recipe {

/// Who is in the groups that a run of changes touches, on platforms that cannot be asked by account: each
/// group is read once, and kept up to date with what the run itself changes. Memory: some hundred bytes for
/// each member of these groups. Safe from any thread; those who want one group wait for one reading.
class GroupMembers {
 public:
  struct Edge {
    std::optional<std::vector<std::string>> details;  ///< nullopt: they cannot be read
    std::string id;  ///< of the edge itself; empty: it has none, or it was made in this run
  };
  using Members = std::unordered_map<std::string, Edge>;  ///< by account
  using Groups = std::map<std::string, Entitlement>;      ///< by id

  /// Forgets everything. keeps: whether readings are kept from now on.
  void begin(bool keeps);

  /// The edge of an account in a group; nullopt: it is not in there. read: answers all members.
  Outcome<std::optional<Edge>> edge(const Membership& membership,
                                    const std::function<Outcome<Members>()>& read);
  /// The group of that kind and id; nullopt: there is none. read: answers all groups of the kind.
  Outcome<std::optional<Entitlement>> group(const std::string& kind, const std::string& id,
                                            const std::function<Outcome<Groups>()>& read);

  void joined(const Membership& membership);
  void left(const Membership& membership);
  /// What is known of a group may not be so any more.
  void forget(const Membership& membership);

 private:
  struct Reading {
    Mutex mutex;
    std::optional<Members> members GUARDED_BY(mutex);
  };
  std::shared_ptr<Reading> reading_of(const Membership& membership);
  void change(const Membership& membership, const std::function<void(Members&)>& how);

  Mutex mutex_;
  bool keeps_ GUARDED_BY(mutex_) = false;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Reading>> readings_
      GUARDED_BY(mutex_);                                    // by kind and group
  std::map<std::string, Groups> groups_ GUARDED_BY(mutex_);  // by kind
};

}  // namespace usher::recipe
