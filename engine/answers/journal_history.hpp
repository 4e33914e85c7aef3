#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "state/model/plan.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// Turns operations of the journal into entries of a history, with the reasons their plans gave. Plans are
/// read once each. One thread.
class JournalHistory {
 public:
  explicit JournalHistory(Inquiry& inquiry) : inquiry_(inquiry) {}

  /// Operations that were sent; what was skipped or is still planned changed nothing.
  void add(const JournalEntry& entry, std::vector<HistoryEntry>& to);

 private:
  /// What a plan says of its changes, by the id of the operation.
  struct Reasons {
    Plan plan;
    std::string actor, reason;
    std::map<std::string, std::size_t> changes;
  };

  const Reasons& reasons_of(std::int64_t run);
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

}  // namespace usher
