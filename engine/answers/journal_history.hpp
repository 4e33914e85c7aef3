#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "state/model/plan.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// Turns operations of the journal into entries of a history, with the reasons their plans gave. Of a plan it
/// keeps only what it says of these operations. One thread.
class JournalHistory {
 public:
  explicit JournalHistory(Inquiry& inquiry) : inquiry_(inquiry) {}

  /// Operations that were sent; what was skipped or is still planned changed nothing.
  void add(std::span<const JournalEntry> entries, std::vector<HistoryEntry>& to);

 private:
  /// What is known of a run, and what its plan says of its changes, by the id of the operation.
  struct Reasons {
    std::string actor, reason;
    std::map<std::string, Change> changes;
  };

  void read_reasons(std::span<const JournalEntry> entries);
  void add(const JournalEntry& entry, std::vector<HistoryEntry>& to);
  void explain(HistoryEntry& entry, const std::string& operation, const std::string& path,
               const Membership& membership);
  std::string name_of(const JournalEntry& entry, const Membership& membership);
  void add_edge(const HistoryEntry& base, const JournalEntry& entry, const Membership& membership,
                std::vector<HistoryEntry>& to);

  Inquiry& inquiry_;
  std::map<std::int64_t, Reasons> reasons_;
};

/// What people said of whose their accounts are: link, unlink, relink.
void add_links(Inquiry& inquiry, const Whom& whom, std::vector<HistoryEntry>& to);

/// What applies found of that: accounts that match, people with a new key, links whose accounts are gone.
void add_found_links(Inquiry& inquiry, const Whom& whom, std::vector<HistoryEntry>& to);

}  // namespace usher
