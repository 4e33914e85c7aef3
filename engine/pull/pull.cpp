#include "engine/pull/pull.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <thread>
#include <variant>

#include "engine/pull/bounded_queue.hpp"
#include "engine/pull/completeness.hpp"
#include "engine/pull/membership_index.hpp"
#include "engine/pull/unlisted_accounts.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/snapshot_writer.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t queued_pages = 16;
constexpr int attempts = 3;  // at a pull that drifts

/// What a reading thread tells the writer, in the order it happens.
struct Message {
  std::size_t target = 0;
  enum class Kind { accounts, last_page, failed } kind = Kind::accounts;
  std::vector<PreparedAccount> accounts = {};
  Completeness completeness = {};              // last_page, failed: of the whole pull
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
         std::stop_token stop)
      : index_(index),
        connector_(connector),
        fingerprints_(fingerprints),
        queue_(queue),
        stop_(std::move(stop)) {}

  void run() {
    Message end{.target = index_, .kind = Message::Kind::last_page};
    try {
      end.signature = connector_.signature();
      if (auto failure = read_pages(end)) fail(end, std::move(*failure));
    } catch (const std::exception& error) {  // a thread has nobody to throw to
      fail(end, Failure{.kind = FailureKind::malformed, .message = error.what()});
    }
    queue_.push(std::move(end));
  }

 private:
  std::optional<Failure> read_pages(Message& end) {
    MembershipIndex memberships(fingerprints_);
    std::string cursor;
    do {
      if (stop_.stop_requested())
        return Failure{.kind = FailureKind::stopped, .message = "stopped on request"};
      Outcome<Page> page = connector_.fetch(cursor, stop_);
      if (!page) return std::move(page.error());
      if (!page->next.empty() && page->next == cursor) {
        return Failure{.kind = FailureKind::malformed, .message = "a page names itself as the next one"};
      }
      end.completeness.add(*page);
      memberships.add(page->memberships);
      std::move(page->entitlements.begin(), page->entitlements.end(), std::back_inserter(end.entitlements));
      if (!page->self.empty()) end.self = page->self;
      cursor = page->next;
      send_accounts(std::move(page->accounts), memberships);
    } while (!cursor.empty());
    return std::nullopt;
  }

  static void fail(Message& end, Failure failure) {
    end.kind = Message::Kind::failed;
    end.failure = std::move(failure);
  }

  void send_accounts(std::vector<Account> accounts, MembershipIndex& memberships) {
    if (accounts.empty()) return;
    Message message{.target = index_};
    message.accounts.reserve(accounts.size());
    for (Account& account : accounts) {
      if (!memberships.empty()) account.memberships = memberships.memberships_of(account.id);
      message.accounts.push_back(prepare(std::move(account), fingerprints_));
    }
    queue_.push(std::move(message));
  }

  const std::size_t index_;
  Connector& connector_;
  const Fingerprinter& fingerprints_;
  Queue& queue_;
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
    start();
  }

  bool ended() const { return ended_; }
  PullReport& report() { return report_; }

  void take(Message message) {
    if (message.kind == Message::Kind::accounts) {
      writer_->add(std::move(message.accounts));
      progress_.advance(stage_, writer_->seen(), std::nullopt);
      return;
    }
    thread_.join();
    const std::uint64_t repeated = writer_->repeated_equal() + writer_->repeated_different();
    std::string objection = message.failure ? describe(*message.failure)
                                            : message.completeness.objection(writer_->distinct(), repeated);
    if (objection.empty() && writer_->seen() == 0 && accounts_before_ > 0) {
      objection =
          fmt::format("nobody was answered at all, and there were {} accounts before", accounts_before_);
    }
    const bool again = !objection.empty() && !message.failure && attempt_ < attempts &&
                       message.completeness.may_be_drift(repeated);
    report_.pages += message.completeness.pages();
    report_.alone += message.completeness.alone();
    if (again) {
      writer_->discard();
      start();
    } else {
      finish(std::move(message), std::move(objection));
    }
  }

 private:
  void start() {
    ++attempt_;
    started_at_ = now_text();
    writer_ = std::make_unique<SnapshotWriter>(database_, database_.platform(target_.platform));
    thread_ = std::jthread(
        [this] { Reader(index_, *target_.connector, database_.fingerprints(), queue_, stop_).run(); });
  }

  void finish(Message message, std::string objection) {
    ended_ = true;
    UnlistedAccounts unlisted;
    if (objection.empty())
      unlisted =
          ask_for_unlisted(database_, target_.platform, *target_.connector, *writer_, started_at_, stop_);
    if (objection.empty()) objection = unlisted.objection;
    report_.bad = message.completeness.bad();
    report_.bad_count = message.completeness.bad_count();
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
    const Published published = writer_->publish({.sealed = objection.empty(),
                                                  .why_not = objection,
                                                  .started_at = started_at_,
                                                  .ended_at = now_text(),
                                                  .entitlements = std::move(message.entitlements),
                                                  .self = std::move(message.self),
                                                  .source = std::move(message.signature)});
    for (const std::string& account : unlisted.gone)
      end_link(database_, target_.platform, account, "was in no complete listing any more", now_text());
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
  bool ended_ = false;
  PullReport report_;
  std::unique_ptr<SnapshotWriter> writer_;
  std::jthread thread_;
};

/// Lets readers that wait for room go when the writer ends by an exception.
struct CloseAtEnd {
  Queue& queue;
  ~CloseAtEnd() { queue.close(); }
};

}  // namespace

std::vector<PullReport> pull(Database& database, const std::vector<PullTarget>& targets, Progress& progress,
                             std::stop_token stop) {
  Queue queue(queued_pages);
  std::vector<std::unique_ptr<PlatformPull>> pulls;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    pulls.push_back(std::make_unique<PlatformPull>(i, targets[i], database, queue, progress, stop));
  }
  const CloseAtEnd close{queue};
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
