#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/plan/decision.hpp"
#include "rules/orphan_exception.hpp"
#include "state/store/orphan_watch.hpp"

namespace usher {

/// What becomes of one account that nobody is linked to.
struct OrphanFate {
  enum class Kind : std::uint8_t {
    stays,  ///< `why` says why
    fails,  ///< it stays since `except` cannot be evaluated for it; `why` says why
    waits,  ///< `step` is done when the waiting is over
    due,    ///< `step` is to be done now
  } kind = Kind::stays;
  std::string why;                         ///< of what waits only where it is asked for
  std::optional<OperationKind> step = {};  ///< disable, lock or remove
  std::int64_t day = 0;                    ///< waits: when, in seconds since 1970
};

/// Says what becomes of the accounts of one platform that nobody is linked to: whom `orphans` of its rules
/// takes, and when. An account is an orphan only under the seals of the platform and of every source, and
/// waits from the first plan that sees it so. One thread.
class OrphanJudge {
 public:
  /// view: of the target `target` of the input. plan: with what is planned and noted of the platform. All of
  /// them must outlive it.
  OrphanJudge(Database& database, const PlanningInput& input, std::size_t target, const PlatformView& view,
              const Plan& plan);

  /// Why nothing is taken from any of them now, as far as it is known yet: judge() may find more; empty:
  /// nothing stands against it.
  const std::string& why_none() const { return why_none_; }
  OrphanWatch& watch() { return watch_; }

  /// Of accounts without a link that the plan links to nobody. everybody: also of those that still wait it is
  /// looked up whether somebody who is declared could be matched to them, and all are told why.
  std::vector<OrphanFate> judge(std::span<const Account> accounts, bool everybody);

 private:
  std::string find_why_none(const Plan& plan);
  OrphanFate fate(const Account& account, bool tell);
  OrphanFate step_of(const Account& account, std::int64_t waited) const;
  std::string because(const std::string& since) const;
  std::string why_not_anybodys(const Account& account);

  Database& database_;
  const PlanningInput& input_;
  const std::size_t index_;
  const PlatformView& view_;
  const OrphanRules& rules_;
  OrphanWatch watch_;
  OrphanException exception_;
  std::string why_none_;
};

/// Plans what becomes of the accounts of one platform that nobody declares, where its rules say so, and
/// remembers since when they are seen so. unclaimed: keys of accounts that nobody has, those the plan links
/// among them. view: of the target `target`.
void plan_orphans(Plan& plan, Database& database, const PlanningInput& input, std::size_t target,
                  const PlatformView& view, const std::vector<Fingerprint>& unclaimed);

}  // namespace usher
