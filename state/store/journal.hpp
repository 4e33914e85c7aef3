#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

struct Operation;

/// The message of an operation that found nothing to do: whoever did it, it was not the run.
inline constexpr const char* was_so_already = "was so already";

/// How far an operation is. planned -> sent -> done | failed | unknown | owed; planned -> skipped.
enum class OperationState : std::uint8_t {
  planned,  ///< not sent
  sent,     ///< may have left; found so in an earlier run: its outcome is unknown
  done,
  failed,   ///< refused: nothing happened
  unknown,  ///< sent, and no answer says what happened
  skipped,  ///< not sent, and will not be in this run
  owed,     ///< a create: the account is there, and calls that make it whole were refused
};
const char* to_string(OperationState state);
/// Reads what to_string wrote; throws StoreError(corrupt) for anything else.
OperationState operation_state(std::string_view name);

/// One operation of one run.
struct JournalEntry {
  std::int64_t run = 0;
  std::int64_t seq = 0;   ///< order in the plan
  std::string operation;  ///< the operation's id
  std::string platform;   ///< name
  std::string kind;
  std::string person;
  std::string account;  ///< empty until a create has answered
  std::string label;
  std::string detail;  ///< the operation as JSON, without secrets
  OperationState state = OperationState::planned;
  std::string sent_at, ended_at;  ///< RFC 3339, UTC; empty: not yet
  std::string message;
  std::uint64_t written = 0;  ///< the platform's count of writes when it was sent; 0: not sent
  std::int64_t ended_in = 0;  ///< the run that ended it: a later one, where its outcome was settled
};

/// How an operation of a plan stands in the journal before it is sent; seq: its place in the plan.
JournalEntry planned_entry(std::int64_t seq, const Operation& operation);

/// How an operation ended.
struct OperationOutcome {
  std::int64_t seq = 0;
  OperationState state = OperationState::done;
  std::string account;  ///< what a create answered; empty: as it was
  std::string message;
  bool refused = false;      ///< failed: the platform does not take what was sent; repeating cannot help
  bool secret_lost = false;  ///< create: done, and nobody has the secret that the platform made for it
};

/// How many operations are open.
struct OpenOperations {
  std::uint64_t unsent = 0;     ///< planned: nothing happened
  std::uint64_t uncertain = 0;  ///< sent or unknown
};

/// What earlier runs of a plan made of one operation of it.
struct EarlierOutcome {
  std::int64_t seq = 0;
  OperationState state = OperationState::done;  ///< done, where any of them did it; else of the last
  std::int64_t run = 0;
  std::string account;
};

/// One invocation that pulled, planned or applied.
struct RunState {
  std::int64_t id = 0;
  std::string command;
  std::string started_at, ended_at;  ///< ended_at empty: under way, or killed
  std::optional<int> exit_code;
  std::string plan;  ///< digest; empty: none
  std::string summary = "{}";
  std::string actor, host;       ///< who started it, and where
  std::string arguments = "[]";  ///< JSON: the words of the command line
  std::string reason;            ///< as it was given; empty: none
  std::string configuration;     ///< digest; empty: it had none
  std::string program;           ///< version
  std::string chain;  ///< digest of what the run did and of the chain before it; empty: it has not ended
};

/// By whom, how and why a run was started.
struct RunOrigin {
  std::string actor, host, arguments = "[]", reason, configuration, program;
};

/// Runs, and what became of each operation. Times are given by the caller, RFC 3339 in UTC. Every write is
/// synced before it returns; inside a caller's transaction, when that commits, so that the links of finished
/// operations share it.
class Journal {
 public:
  explicit Journal(Connection& connection) : connection_(connection) {}

  std::int64_t begin_run(std::string_view command, std::string_view at, const RunOrigin& origin = {});
  /// summary: JSON.
  void end_run(std::int64_t run, int exit_code, std::string_view summary, std::string_view at);
  /// Newest first.
  std::vector<RunState> runs(std::size_t limit);
  /// The latest ended run of each command, and the latest one that carried operations out; newest first.
  std::vector<RunState> latest_runs();
  std::optional<RunState> run(std::int64_t run);
  /// Those of one command, oldest first.
  std::vector<RunState> runs_of(std::string_view command);
  /// Runs that said whose accounts are (link, unlink, relink), oldest first: their summaries name them.
  std::vector<RunState> link_runs();

  /// Writes operations of a plan as planned; all of them before the first is sent. Of the entries, run,
  /// state, times and message are not read.
  void plan(std::int64_t run, std::string_view plan_digest, std::span<const JournalEntry> entries);
  /// Before the requests leave: one commit for a batch. Counts the writes of the platforms concerned.
  void mark_sent(std::int64_t run, std::span<const std::int64_t> seqs, std::string_view at);
  /// ended_in: the run that ends them, where that is a later one than `run`.
  void mark_ended(std::int64_t run, std::span<const OperationOutcome> endings, std::string_view at,
                  std::int64_t ended_in = 0);

  /// Operations in the order of the plan.
  void for_each_operation(std::int64_t run, const std::function<void(const JournalEntry&)>& visit);
  /// What runs after this one sent for a person, oldest first, without what was refused.
  std::vector<JournalEntry> sent_after(std::int64_t run, std::string_view person);
  /// Closes everything that runs before this one left planned: it was never sent. One statement, however
  /// many there are.
  void skip_unsent_before(std::int64_t run, std::string_view at);
  /// What runs before this one left sent or unknown, oldest first. Settled with mark_ended of that run.
  std::vector<JournalEntry> uncertain_before(std::int64_t run);
  /// Creates whose accounts are there and not whole, oldest first.
  std::vector<JournalEntry> owed();
  OpenOperations open_operations();
  /// The oldest open operations.
  std::vector<JournalEntry> open(std::size_t limit);

  /// Whether links were changed by a command since then (RFC 3339): link, unlink, relink, undo.
  bool links_were_changed_since(std::string_view at);
  /// What runs before this one made of a plan, in its order; operations they never knew are not in it.
  std::vector<EarlierOutcome> earlier_outcomes(std::string_view plan, std::int64_t run);
  /// How many of the operations that were sent to a platform after its count stood at `since` were of this
  /// plan.
  std::uint64_t writes_of(std::string_view plan, std::string_view platform, std::uint64_t since);
  /// How many operations were sent to a platform after its count stood at `since`, and which, in that order.
  std::uint64_t written_since(std::string_view platform, std::uint64_t since);
  void for_each_written_since(std::string_view platform, std::uint64_t since,
                              const std::function<void(const JournalEntry&)>& visit);

 private:
  Connection& connection_;
};

}  // namespace usher
