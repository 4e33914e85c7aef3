#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/apply/account_lane.hpp"
#include "engine/apply/apply_report.hpp"
#include "engine/apply/lane_order.hpp"
#include "engine/apply/remainder.hpp"
#include "engine/apply/wave_course.hpp"
#include "engine/runtime/progress.hpp"
#include "state/model/mutex.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// What the workers of one apply share: the lanes still to run, wave by wave, and the journal. Everything
/// here happens under one lock; any thread may call it. What the constructor takes must outlive it.
class ApplyJournal {
 public:
  ApplyJournal(Database& database, const Plan& plan, const Remainder& remainder, const WaveRules& waves,
               std::int64_t run, Progress& progress);

  const Waves& waves() const { return waves_; }
  /// Whether anything of a wave is left to send; where nothing is, it is passed over.
  bool has_left(std::size_t wave);
  /// What is left of a wave is to be claimed. The waves before it ended.
  void begin_wave(std::size_t wave);
  /// The workers are done with the wave. Whether the next may begin.
  bool end_wave(bool interrupted);
  /// What became of a wave so far.
  WaveReport wave(std::size_t wave);
  /// What the gate after a wave came to.
  void record_gate(std::size_t wave, GateReport report, bool interrupted);

  /// The next lanes of a platform, journalled as sent; empty when there are none. First closes what `endings`
  /// tells. Waits for other workers where lanes are left that wait for what those do. may_send: whether to go
  /// on.
  std::vector<AccountLane> claim(const std::string& platform, unsigned workers,
                                 std::vector<OperationOutcome> endings,
                                 const std::function<bool()>& may_send);

  /// A worker ends without its endings: nobody waits for them.
  void give_up();

  /// What the state knows of an account.
  std::optional<KnownAccount> known(const std::string& platform, const std::string& account);

  /// Closes what was never claimed and tells what became of everything.
  ApplyReport finish();

 private:
  /// Whether no guard holds it and no earlier run did it.
  bool concerns_this_run(std::size_t index) const;
  bool is_sent(std::size_t index) const;

  /// A lane is one change: its operations never run side by side, also where some of them are not sent.
  void add_lane(std::size_t first, std::size_t end) REQUIRES(mutex_);

  /// Opens the lanes of a wave that have anything to send.
  void add_lanes(std::size_t wave) REQUIRES(mutex_);

  /// The account that the person of a create is linked to; empty: none, or the lane begins with another step.
  std::string linked(const AccountLane& lane) REQUIRES(mutex_);

  /// Opens a lane with what its operations wait for; those that wait for what never runs are refused.
  void add_lane(AccountLane lane) REQUIRES(mutex_);

  /// Where the operations are that others wait for.
  void find_awaited();

  /// Journals everything as planned, before the first request.
  void write_plan() REQUIRES(mutex_);

  /// Journals how operations ended and what that means for later runs, for the report and for who waits.
  void close(const std::vector<OperationOutcome>& endings) REQUIRES(mutex_);

  /// What is done means something for later; a link that cannot be recorded is an ending of its own.
  void note_done(const Operation& operation, OperationOutcome& ending, const std::string& at)
      REQUIRES(mutex_);

  /// Whether with this operation all of its change is done.
  bool completes_its_change(std::size_t index) const REQUIRES(mutex_);

  Database& database_;
  const Plan& plan_;
  const Remainder& remainder_;
  const std::int64_t run_;
  Progress& progress_;
  Journal journal_;
  const Waves waves_;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> spans_;  // by wave: first operation and end
  Mutex mutex_;
  WaveCourse course_ GUARDED_BY(mutex_);
  std::size_t begun_ GUARDED_BY(mutex_) = 0;    // waves before this one
  std::uint64_t sends_ GUARDED_BY(mutex_) = 0;  // operations of the wave that was begun
  std::condition_variable_any ended_;           // some operations did, or a worker gave up
  std::map<std::string, LaneOrder> open_ GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> under_way_
      GUARDED_BY(mutex_);                                      // operations that were claimed, by platform
  std::map<std::string, std::optional<std::size_t>> awaited_;  // by id: index in the plan
  bool broken_ GUARDED_BY(mutex_) = false;                     // a worker gave up
  std::set<std::size_t> incomplete_ GUARDED_BY(mutex_);        // changes of which something was not done
  std::set<std::pair<std::string, std::string>> removed_ GUARDED_BY(mutex_);  // platform, account
  std::set<std::pair<std::string, std::string>> in_doubt_;                    // platform, person
  std::uint64_t done_ GUARDED_BY(mutex_) = 0, total_ = 0;
  ApplyReport report_ GUARDED_BY(mutex_);
};

}  // namespace usher
