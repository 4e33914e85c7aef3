#include "engine/pull/pull.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <thread>
#include <variant>

#include "engine/pull/absence_check.hpp"
#include "engine/pull/bounded_queue.hpp"
#include "engine/pull/completeness.hpp"
#include "engine/pull/link_ends.hpp"
#include "engine/pull/listing_bounds.hpp"
#include "engine/pull/membership_index.hpp"
#include "engine/pull/returned_accounts.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/exception_text.hpp"
#include "state/model/normalise.hpp"
#include "state/model/worker_thread.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/snapshot_writer.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t queued_pages = 16;
constexpr int attempts = 3;  // at a pull that drifts

/// How much one attempt reads.
enum class Extent {
  until_moved,  ///< what does not fit together any more need not be read to its end
  all,
};

/// What a reading thread tells the writer, in the order it happens.
struct Message {
  std::size_t target = 0;
  enum class Kind { accounts, last_page, failed } kind = Kind::accounts;
  std::vector<PreparedAccount> accounts = {};
  std::vector<BadRecord> unreadable = {};      // accounts: those of which the id could be read
  Completeness completeness = {};              // last_page, failed: of the whole pull
  bool cut = false;                            // last_page: ended early, because the pages did not fit
  std::vector<Entitlement> entitlements = {};  // last_page
  std::string self = {};
  std::string signature = {};
  std::optional<Failure> failure = {};
};

using Queue = BoundedQueue<Message>;

/// Reads one platform from its first page to its last. Runs in a thread of its own.
class Reader {
 public:
  Reader(std::size_t index, Connector& connector, const Fingerprinter& fingerprints, Queue& queue,
         Extent extent, std::stop_token stop)
      : index_(index),
        connector_(connector),
        fingerprints_(fingerprints),
        queue_(queue),
        extent_(extent),
        stop_(std::move(stop)) {}

  void run() {
    Message end{.target = index_, .kind = Message::Kind::last_page};
    try {
      end.signature = connector_.signature();
      if (auto failure = read_pages(end)) fail(end, std::move(*failure));
    } catch (const std::exception& error) {  // a thread has nobody to throw to
      fail(end, Failure{.kind = FailureKind::malformed, .message = text_of(error)});
    }
    queue_.push(std::move(end));
  }

 private:
  static Failure stopped() { return {.kind = FailureKind::stopped, .message = "stopped on request"}; }

  std::optional<Failure> read_pages(Message& end) {
    MembershipIndex memberships(fingerprints_);
    ListingBounds bounds;
    std::string cursor;
    do {
      if (stop_.stop_requested()) return stopped();
      Outcome<Page> page = connector_.fetch(cursor, stop_);
      if (!page) return std::move(page.error());
      if (!page->next.empty() && page->next == cursor) {
        return Failure{.kind = FailureKind::malformed, .message = "a page names itself as the next one"};
      }
      if (auto failure = bounds.add(*page)) return failure;
      end.completeness.add(*page);
      memberships.add(page->memberships);
      std::move(page->entitlements.begin(), page->entitlements.end(), std::back_inserter(end.entitlements));
      if (!page->self.empty()) end.self = page->self;
      cursor = page->next;
      std::erase_if(page->bad, [](const BadRecord& one) { return one.id.empty(); });
      if (!send_accounts(std::move(page->accounts), std::move(page->bad), memberships)) return stopped();
      end.cut = extent_ == Extent::until_moved && !page->moved.empty() && !page->permanent;
      if (end.cut) break;
    } while (!cursor.empty());
    count_repeated(end, memberships);
    const auto members = memberships.members();
    for (Entitlement& one : end.entitlements) {
      const auto found = members.find({one.kind, one.id});
      one.members = found == members.end() ? 0 : found->second;
    }
    return std::nullopt;
  }

  static void count_repeated(Message& end, MembershipIndex& memberships) {
    const auto edges = memberships.repeated();
    if (edges.count > 0) end.completeness.repeated(edges.count, edges.first);
    std::vector<std::pair<std::string_view, std::string_view>> groups;
    for (const Entitlement& one : end.entitlements) groups.emplace_back(one.kind, one.id);
    std::sort(groups.begin(), groups.end());
    const auto twice = std::adjacent_find(groups.begin(), groups.end());
    if (twice != groups.end())
      end.completeness.repeated(1, fmt::format("{} {}", twice->first, twice->second));
  }

  static void fail(Message& end, Failure failure) {
    end.kind = Message::Kind::failed;
    end.failure = std::move(failure);
  }

  /// False when nobody takes them any more.
  bool send_accounts(std::vector<Account> accounts, std::vector<BadRecord> unreadable,
                     MembershipIndex& memberships) {
    if (accounts.empty() && unreadable.empty()) return true;
    Message message{.target = index_, .unreadable = std::move(unreadable)};
    message.accounts.reserve(accounts.size());
    for (Account& account : accounts) {
      if (!memberships.empty()) account.memberships = memberships.memberships_of(account.id);
      message.accounts.push_back(prepare(std::move(account), fingerprints_));
    }
    return queue_.push(std::move(message));
  }

  const std::size_t index_;
  Connector& connector_;
  const Fingerprinter& fingerprints_;
  Queue& queue_;
  const Extent extent_;
  const std::stop_token stop_;
};

/// One platform's pull as the writer sees it: attempts until one is complete, then a publication.
class PlatformPull {
 public:
  PlatformPull(std::size_t index, const PullTarget& target, Database& database, Queue& queue,
               Progress& progress, std::stop_token stop)
      : index_(index),
        target_(target),
        database_(database),
        queue_(queue),
        progress_(progress),
        stop_(std::move(stop)),
        stage_("pull " + target.platform),
        began_(monotonic_seconds()) {
    report_.platform = target.platform;
    report_.read = true;
    accounts_before_ = Snapshots(database.connection()).platform(database.platform(target.platform)).accounts;
    show_progress(0);
    start();
  }

  bool ended() const { return ended_; }
  PullReport& report() { return report_; }

  void take(Message message) {
    if (message.kind == Message::Kind::accounts) {
      writer_->add(std::move(message.accounts));
      for (const BadRecord& one : message.unreadable) show(one);
      show_progress(writer_->seen());
      return;
    }
    thread_.join();
    report_.pages += message.completeness.pages();
    report_.alone += message.completeness.alone();
    std::string objection = objection_to(message);
    if (again(message, objection)) {
      start();
    } else {
      if (objection.empty()) objection = ask_for_absent();
      finish(std::move(message), std::move(objection));
    }
  }

 private:
  /// Of as many as the last pull saw, until there are more.
  void show_progress(std::uint64_t seen) {
    const bool known = accounts_before_ > 0 && seen <= accounts_before_;
    progress_.advance(stage_, seen, known ? std::optional<std::uint64_t>(accounts_before_) : std::nullopt);
  }

  /// An account of which something cannot be read was shown all the same, where id and key are its own.
  void show(const BadRecord& unreadable) {
    const auto known =
        Snapshots(database_.connection())
            .find(database_.platform(target_.platform), database_.fingerprints().of_id(unreadable.id));
    if (!known) return;
    const std::string& path = target_.connector->capabilities().natural_key;
    const auto attributes = nlohmann::json::parse(known->account.attributes);
    const bool same =
        path.empty() || (!unreadable.key.empty() && at_path(attributes, path) == unreadable.key);
    if (same) writer_->show(*known);
  }

  Completeness::Counts counts() {
    return {.distinct = writer_->distinct(),
            .repeated = writer_->repeated_equal() + writer_->repeated_different()};
  }

  std::string objection_to(const Message& message) {
    if (message.failure) return describe(*message.failure);
    const Completeness& seen = message.completeness;
    // Accounts that nobody can delete may be gathered from several readings, in any order.
    const bool counted = attempt_ > 1 && gathering_ && seen.total() == total_ && seen.counts_prove(counts());
    total_ = seen.total();
    Completeness::Counts read = counts();
    if (gathering_) read.repeated = 0;  // each reading repeats the one before
    std::string objection = counted ? std::string() : seen.objection(read);
    if (objection.empty()) objection = seen.loss(writer_->seen(), accounts_before_);
    return objection;
  }

  // Whether the platform is read once more. What moved three times in the same way moves because of how it
  // answers, not of what happens there: then another proof may do.
  bool again(const Message& message, const std::string& objection) {
    if (objection.empty() || message.failure) return false;
    const bool drift = message.completeness.may_be_drift(counts());
    if (!drift && !message.cut) return false;
    if (!drift) attempt_ = attempts - 1;  // no proof can come of it, but everybody is to be read once
    const std::string& moved = message.completeness.moved();
    same_ = attempt_ == 1 || moved == moved_ ? same_ + 1 : 1;
    moved_ = moved;
    gathering_ = message.completeness.permanent();
    if (attempt_ < attempts) {
      if (!gathering_) writer_->discard();
      return true;
    }
    if (attempt_ > attempts || moved.empty() || same_ < attempts || !target_.connector->prove_otherwise())
      return false;
    report_.remarks.push_back(moved + ": " + std::to_string(same_) +
                              " times the same, so it was read twice instead");
    writer_->discard();
    gathering_ = false;
    return true;
  }

  void start() {
    ++attempt_;
    started_at_ = now_text();
    if (!gathering_)
      writer_ = std::make_unique<SnapshotWriter>(database_, database_.platform(target_.platform));
    const Extent extent = attempt_ < attempts ? Extent::until_moved : Extent::all;
    thread_ = WorkerThread([this, extent](const std::stop_token&) {
      Reader(index_, *target_.connector, database_.fingerprints(), queue_, extent, stop_).run();
    });
  }

  /// Before anybody is believed gone. Accounts that exist join the snapshot.
  std::string ask_for_absent() {
    AbsenceCheck check = check_absence(database_, database_.platform(target_.platform), *target_.connector,
                                       *writer_, started_at_, stop_);
    gone_ = std::move(check.gone);
    std::vector<PreparedAccount> found;
    for (const Account& account : check.found) unlisted_.push_back(account.id);
    for (Account& account : check.found)
      found.push_back(prepare(std::move(account), database_.fingerprints()));
    writer_->add(std::move(found));
    return std::move(check.objection);
  }

  void finish(Message message, std::string objection) {
    ended_ = true;
    report_.bad = message.completeness.bad();
    report_.bad_count = message.completeness.bad_count();
    for (const std::string& remark : message.completeness.remarks()) report_.remarks.push_back(remark);
    report_.why_not = objection;
    report_.failure = message.failure;
    report_.seconds = monotonic_seconds() - began_;
    progress_.finish(stage_, writer_->seen());
    if (message.failure) {  // what was read of it is no news: only that the platform's seal no longer holds
      writer_->discard();
      if (message.failure->kind == FailureKind::stopped) return;
      writer_ = std::make_unique<SnapshotWriter>(database_, database_.platform(target_.platform));
      message.signature.clear();
      message.entitlements.clear();
    }
    Transaction transaction(database_.connection());  // the accounts, and whose links end with them
    const Published published = writer_->publish({.sealed = objection.empty(),
                                                  .why_not = objection,
                                                  .started_at = started_at_,
                                                  .ended_at = now_text(),
                                                  .entitlements = std::move(message.entitlements),
                                                  .self = std::move(message.self),
                                                  .source = std::move(message.signature)});
    const std::string now = now_text();
    for (const std::string& account : gone_)
      end_link(database_, target_.platform, account, was_not_listed, now);
    resume_links(database_, target_.platform, target_.connector->capabilities().natural_key,
                 published.generation, now);
    if (objection.empty()) remember_unlisted(database_, target_.platform, unlisted_);
    transaction.commit();
    report_.published = true;
    report_.sealed = objection.empty();
    report_.generation = published.generation;
    report_.accounts = published.accounts;
    report_.added = published.added;
    report_.changed = published.changed;
    report_.removed = published.removed;
  }

  const std::size_t index_;
  const PullTarget& target_;
  Database& database_;
  Queue& queue_;
  Progress& progress_;
  const std::stop_token stop_;
  const std::string stage_;
  const double began_;
  std::string started_at_;
  std::uint64_t accounts_before_ = 0;
  int attempt_ = 0;
  int same_ = 0;                        // attempts in a row that moved in the same way…
  std::string moved_;                   // …in this one
  bool gathering_ = false;              // the writer keeps what earlier attempts brought
  std::optional<std::uint64_t> total_;  // as the attempt before said it
  bool ended_ = false;
  std::vector<std::string> gone_;      // linked accounts that are no more
  std::vector<std::string> unlisted_;  // that are, and that the listing does not show
  PullReport report_;
  std::unique_ptr<SnapshotWriter> writer_;
  WorkerThread thread_;
};

/// Lets the readers go when the writer ends by an exception: those that wait for room, and those that would
/// read on for nobody.
struct CloseAtEnd {
  Queue& queue;
  std::stop_source& readers;
  ~CloseAtEnd() {
    readers.request_stop();
    queue.close();
  }
};

}  // namespace

std::vector<PullReport> pull(Database& database, const std::vector<PullTarget>& targets, Progress& progress,
                             std::stop_token stop) {
  Queue queue(queued_pages);
  std::stop_source readers;
  const std::stop_callback forward(stop, [&readers] { readers.request_stop(); });
  std::vector<std::unique_ptr<PlatformPull>> pulls;
  const CloseAtEnd close{queue, readers};  // before the pulls go, which wait for their readers
  for (std::size_t i = 0; i < targets.size(); ++i) {
    pulls.push_back(
        std::make_unique<PlatformPull>(i, targets[i], database, queue, progress, readers.get_token()));
  }
  std::size_t open = pulls.size();
  while (open > 0) {
    Message message = queue.pop();
    PlatformPull& platform = *pulls[message.target];
    platform.take(std::move(message));
    if (platform.ended()) --open;
  }
  std::vector<PullReport> reports;
  for (const auto& platform : pulls) reports.push_back(std::move(platform->report()));
  return reports;
}

}  // namespace usher
