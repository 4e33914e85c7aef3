#include "engine/answers/leaving.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/runtime/time.hpp"

namespace usher {

namespace {

std::string what_is_lost(const Operation& operation, const Plan& plan) {
  switch (operation.kind) {
    case OperationKind::remove_membership:
      for (const MembershipChange& edge : plan.changes[operation.change].memberships) {
        if (edge.kind == operation.membership.kind && edge.entitlement == operation.membership.entitlement)
          return edge.kind + " " + (edge.name.empty() ? edge.entitlement : edge.name);
      }
      return operation.membership.kind + " " + operation.membership.entitlement;
    case OperationKind::revoke:
      return "all of " + operation.route;
    case OperationKind::disable:
      return "account is disabled";
    case OperationKind::lock:
      return "account is locked";
    default:
      return "account is deleted";
  }
}

/// Accounts of which no plan can tell whether they lose something.
class Unjudged {
 public:
  void add(const Plan& plan) {
    for (const Seal& seal : plan.seals)
      if (!seal.sealed) platforms_[seal.platform].first = "was not read completely: " + seal.why_not;
    for (const Note& note : plan.notes) {
      const bool whole = note.kind == NoteKind::not_read;
      if (!whole && (note.kind != NoteKind::no_seal || note.account.empty())) continue;
      OfPlatform& one = platforms_[note.platform];
      if (one.first.empty())
        one.first = note.person.empty() ? note.message : note.person + " " + note.message;
      if (!whole) one.accounts.insert(note.account);
    }
  }

  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    for (const auto& [platform, one] : platforms_)
      all.push_back(one.accounts.empty()
                        ? fmt::format("{}: {}", platform, one.first)
                        : fmt::format("{}: of {} {} nobody can tell what is lost, and when; the first: {}",
                                      platform, one.accounts.size(),
                                      one.accounts.size() == 1 ? "account" : "accounts", one.first));
    return all;
  }

 private:
  struct OfPlatform {
    std::string first;
    std::set<std::string> accounts;
  };
  std::map<std::string, OfPlatform> platforms_;
};

}  // namespace

PlannedLosses losses(Forecast& forecast, int days) {
  std::vector<PlannedLoss> found;
  Unjudged unjudged;
  std::set<std::string> known;
  for (int day = 0; day <= days; ++day) {
    const Plan plan = forecast.plan(day);
    unjudged.add(plan);
    for (const Operation& operation : plan.operations) {
      if (operation.person.empty()) continue;  // of nobody who could leave
      if (!takes_away(operation.kind) || !known.insert(operation.id).second) continue;
      const Change& change = plan.changes[operation.change];
      found.push_back({plan.now.substr(0, 10), operation.platform, operation.person, operation.account,
                       operation.label, what_is_lost(operation, plan), change.because, operation.held});
    }
  }
  return {std::move(found), unjudged.sentences()};
}

}  // namespace usher
