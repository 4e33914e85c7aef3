#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/answers/account_parts.hpp"
#include "engine/answers/history.hpp"
#include "state/store/past.hpp"

namespace usher {

/// Whether an operation of usher is what a pull saw: the same account and thing, with the value that was
/// written, between the pull and the one before it.
bool explains(const HistoryEntry& done, const HistoryEntry& seen);
bool any_explains(const std::vector<HistoryEntry>& done, const HistoryEntry& seen);
/// Whether two values differ only in what a platform may change in them: case and outer space of texts, the
/// order of lists, and whether what is empty is there.
bool same_but_for_form(const nlohmann::json& one, const nlohmann::json& other);

/// What the pulls of the accounts of one platform, or of the records of a source, saw. One thread.
class Sightings {
 public:
  /// is_record: the platform is a source.
  Sightings(Inquiry& inquiry, std::string platform, PlatformId id, bool is_record);

  /// Everything of one account, or record. person: whose it is.
  std::vector<HistoryEntry> of(const std::string& account, const std::string& person);

  /// What concerns one membership, also where it came or went with the account. of_account: the entry of the
  /// account that came or went; nullptr: it was there before and after.
  using EdgeVisitor = std::function<void(HistoryEntry seen, const HistoryEntry* of_account)>;
  void of_edge(const std::string& account, const std::string& person, const std::string& kind,
               const std::string& entitlement, const EdgeVisitor& visit);

 private:
  /// before, now: nullptr when the account was not there. entry: when, and of what account.
  using Step =
      std::function<void(const HistoryEntry& entry, const AccountParts* before, const AccountParts* now)>;
  void for_each_step(const std::string& account, const std::string& person, const Step& visit);
  HistoryEntry of_account(const HistoryEntry& entry, const AccountParts* before, const AccountParts* now);

  Inquiry& inquiry_;
  const std::string platform_;
  Past past_;
  const PlatformId id_;
  const bool is_record_;
  const std::map<std::uint64_t, PullTimes> pulls_;
};

}  // namespace usher
