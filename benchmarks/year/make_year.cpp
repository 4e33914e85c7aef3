// usher-year FILE ACCOUNTS: writes a state as a year of nightly syncs leaves it, through the store's own
// functions. A source `hr` and a platform `iot` of so many accounts; each night one in a thousand people
// changes department, comes, leaves or is renamed by hand on the platform, and once, in the middle of the
// year, one in ten gets another title. Each night is a run that pulls, one that plans and one that applies,
// with its plan, its journal and its links. The same for each number.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/time.hpp"
#include "state/model/plan.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/plans.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {
namespace {

constexpr int nights = 365;
constexpr int night_of_the_reform = 180;
constexpr std::size_t departments = 1000;
constexpr std::int64_t first_night = 1'761'962'400;  // 2025-11-01T02:00:00Z
constexpr std::int64_t day = 86'400;

struct Somebody {
  std::uint16_t department = 0;
  std::uint8_t title = 0;
  bool left = false;
  bool renamed = false;  ///< by hand, on the platform
};

std::string key_of(std::size_t n) {
  return fmt::format("E{:07}", n);
}
std::string mail_of(std::size_t n) {
  return fmt::format("person{:07}@example.com", n);
}
std::string account_of(std::size_t n) {
  return fmt::format("{:08x}-{:04x}-4000-8000-{:012x}", n * 2654435761U & 0xffffffffU, n & 0xffff, n);
}
std::string group_of(std::size_t department) {
  return fmt::format("g-{:03}", department);
}
std::string name_of(std::size_t n) {
  return fmt::format("Person Number {}", n);
}
std::string title_of(const Somebody& one) {
  return fmt::format("Engineer {}", one.title);
}

/// The organisation and its platform, night by night.
class Year {
 public:
  Year(Database& database, std::size_t people)
      : database_(database), hr_(database.platform("hr")), iot_(database.platform("iot")), people_(people) {
    for (std::size_t n = 0; n < people; ++n)
      people_[n].department = static_cast<std::uint16_t>(n % departments);
  }

  void run() {
    const std::size_t each = std::max<std::size_t>(1, people_.size() / 4000);
    for (int night = 0; night < nights; ++night) {
      now_ = first_night + night * day;
      plan_ = Plan{};
      if (night > 0)
        for (std::size_t i = 0; i < each; ++i) rename_by_hand(somebody());
      const std::int64_t run = begin("pull");
      pull_iot(night == 0);
      if (night > 0) live(each, night);
      pull_hr(night == 0);
      end(run, "{}", 250);
      if (night == 0) link_everybody();
      apply();
    }
    database_.connection().execute("pragma wal_checkpoint(truncate)");
  }

 private:
  std::size_t somebody() {
    while (true) {
      const std::size_t n = random_() % people_.size();
      if (!people_[n].left) return n;
    }
  }

  std::string at(std::int64_t seconds) const { return text_of(now_ + seconds); }

  /// What changes in the source on a day, and what the sync of the night makes of it.
  void live(std::size_t each, int night) {
    for (std::size_t i = 0; i < each; ++i) move(somebody());
    for (std::size_t i = 0; i < each; ++i) leave(somebody());
    for (std::size_t i = 0; i < each; ++i) join();
    if (night != night_of_the_reform) return;
    for (std::size_t n = 0; n < people_.size(); n += 10)
      if (!people_[n].left) retitle(n);
  }

  Change& change(std::size_t n, ChangeAct act, std::string because) {
    changed_records_.push_back(n);
    Change one;
    one.platform = "iot";
    one.person = key_of(n);
    if (act != ChangeAct::create) one.account = account_of(n);
    one.label = mail_of(n);
    one.act = act;
    one.situation = act == ChangeAct::create ? Situation::missing : Situation::matched;
    one.because = std::move(because);
    return plan_.changes.emplace_back(std::move(one));
  }

  Operation& operation(std::size_t n, OperationKind kind) {
    Operation one;
    one.kind = kind;
    one.platform = "iot";
    one.person = key_of(n);
    if (kind != OperationKind::create) {
      one.account = account_of(n);
      one.before["credentials.identity"] = mail_of(n);
    }
    one.label = mail_of(n);
    one.change = plan_.changes.size() - 1;
    touched_.push_back(n);
    return plan_.operations.emplace_back(std::move(one));
  }

  void edge(std::size_t n, OperationKind kind, std::size_t department) {
    Operation& one = operation(n, kind);
    one.membership.kind = "group";
    one.membership.entitlement = group_of(department);
    one.membership.account = one.account;
    const bool taken = kind == OperationKind::remove_membership;
    (taken ? one.held_details : one.membership.details) = {"m_read"};
    MembershipChange told;
    told.kind = "group";
    told.entitlement = group_of(department);
    told.name = fmt::format("dept-{:03}", department);
    told.act = taken ? MembershipChange::Act::remove : MembershipChange::Act::add;
    (taken ? told.before : told.after) = {"m_read"};
    told.because = taken ? "no rule gives it" : "person.department == \"…\" (usher.yaml:20:13)";
    plan_.changes.back().memberships.push_back(std::move(told));
  }

  void field(std::size_t n, const std::string& path, const std::string& before, const std::string& after) {
    Operation& one = operation(n, OperationKind::update);
    one.before[path] = before;
    one.after[path] = after;
    plan_.changes.back().fields.push_back(
        {path, before, after, fmt::format("person.{} (usher.yaml:18:13)", path)});
  }

  void move(std::size_t n) {
    Somebody& one = people_[n];
    const std::size_t from = one.department, to = random_() % departments;
    if (from == to) return;
    change(n, ChangeAct::update, "its record in hr changed");
    edge(n, OperationKind::remove_membership, from);
    edge(n, OperationKind::add_membership, to);
    one.department = static_cast<std::uint16_t>(to);
  }

  void leave(std::size_t n) {
    people_[n].left = true;
    change(n, ChangeAct::disable, "is not active: record.status == \"active\" (usher.yaml:15:11)");
    edge(n, OperationKind::remove_membership, people_[n].department);
    operation(n, OperationKind::disable);
  }

  void join() {
    const std::size_t n = people_.size();
    Somebody& one = people_.emplace_back();
    one.department = static_cast<std::uint16_t>(random_() % departments);
    change(n, ChangeAct::create, "is in hr and has no account on iot");
    operation(n, OperationKind::create).after = {{"credentials.identity", mail_of(n)}, {"name", name_of(n)}};
    edge(n, OperationKind::add_membership, one.department);
    plan_.operations.back().account.clear();
  }

  void rename_by_hand(std::size_t n) {
    people_[n].renamed = true;
    change(n, ChangeAct::update, "was changed on iot since it was last as wanted");
    changed_records_.pop_back();
    field(n, "name", "By Hand", name_of(n));
  }

  void retitle(std::size_t n) {
    change(n, ChangeAct::update, "its record in hr changed");
    field(n, "metadata.title", title_of(people_[n]), fmt::format("Engineer {}", people_[n].title + 1));
    ++people_[n].title;
  }

  Account record(std::size_t n) const {
    const Somebody& one = people_[n];
    Account account;
    account.id = key_of(n);
    account.attributes = fmt::format(
        R"({{"department":"dept-{:03}","email":"{}","employee_id":"{}","name":"{}","status":"{}","title":"{}"}})",
        one.department, mail_of(n), key_of(n), name_of(n), one.left ? "left" : "active", title_of(one));
    account.memberships = "{}";
    return account;
  }

  Account account(std::size_t n) const {
    const Somebody& one = people_[n];
    Account account;
    account.id = account_of(n);
    account.active = !one.left;
    account.attributes = fmt::format(
        R"({{"created_at":"2024-03-01T09:00:00Z","credentials":{{"identity":"{}"}},"metadata":{{"site":"Lyon","title":"{}"}},"name":"{}"}})",
        mail_of(n), title_of(one), one.renamed ? "By Hand" : name_of(n));
    account.memberships =
        one.left ? "{}" : fmt::format(R"({{"group":{{"{}":["m_read"]}}}})", group_of(one.department));
    return account;
  }

  /// The pull showed the others as they are known: what a sealed one writes, without reading a million
  /// accounts again.
  void publish(PlatformId platform, std::vector<std::size_t> shown, bool whole,
               const std::function<Account(std::size_t)>& as_it_is, std::vector<Entitlement> entitlements) {
    std::ranges::sort(shown);
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    SnapshotWriter writer(database_, platform);
    std::vector<PreparedAccount> page;
    for (const std::size_t n : shown) {
      page.push_back(prepare(as_it_is(n), database_.fingerprints()));
      if (page.size() == 100) writer.add(std::exchange(page, {}));
    }
    writer.add(std::move(page));
    Publication publication;
    publication.sealed = whole;
    publication.started_at = at(0);
    publication.ended_at = at(240);
    publication.entitlements = std::move(entitlements);
    const Published published = writer.publish(publication);
    if (whole) return;
    Connection& connection = database_.connection();
    connection
        .statement("update snapshot set sealed = 1, why_not = '' where platform = ?1 and generation = ?2")
        ->run(static_cast<std::int64_t>(platform), published.generation);
    connection.statement("update platform set shown = null, writes_read = writes where id = ?1")
        ->run(static_cast<std::int64_t>(platform));
  }

  /// Shows what the sync of the night before wrote, and what was renamed by hand since.
  void pull_iot(bool first) {
    std::vector<Entitlement> groups;
    for (std::size_t i = 0; i < departments; ++i)
      groups.push_back({"group", group_of(i), fmt::format("dept-{:03}", i), "", 0});
    publish(
        iot_, first ? everybody() : touched_, first, [&](std::size_t n) { return account(n); },
        std::move(groups));
    std::erase_if(touched_, [&](std::size_t n) { return !std::exchange(people_[n].renamed, false); });
  }

  void pull_hr(bool first) {
    publish(hr_, first ? everybody() : std::exchange(changed_records_, {}), first,
            [&](std::size_t n) { return record(n); }, {});
  }

  std::vector<std::size_t> everybody() const {
    std::vector<std::size_t> all(people_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }

  std::int64_t begin(std::string_view command) {
    RunOrigin origin;
    origin.actor = "usher";
    origin.host = "night.example.com";
    origin.arguments = R"(["sync","--quiet"])";
    origin.program = "0.1.0";
    origin.reason = "nightly";
    return Journal(database_.connection()).begin_run(command, at(0), origin);
  }
  void end(std::int64_t run, std::string_view summary, std::int64_t seconds) {
    Journal(database_.connection()).end_run(run, 0, summary, at(seconds));
  }

  void link_everybody() {
    std::vector<Link> links;
    for (std::size_t n = 0; n < people_.size(); ++n)
      links.push_back(link(n, {LinkOrigin::Kind::matched, "credentials.identity"}));
    Transaction transaction(database_.connection());
    Links(database_.connection()).put(iot_, links);
    transaction.commit();
  }

  Link link(std::size_t n, LinkOrigin how) const {
    return {key_of(n),    account_of(n), database_.fingerprints().of_id(account_of(n)),
            std::nullopt, how,           at(600)};
  }

  void apply() {
    end(begin("plan"), "{}", 260);
    const std::int64_t run = begin("apply");
    plan_.program = "0.1.0";
    plan_.state = database_.identity();
    plan_.now = at(0);
    for (Operation& one : plan_.operations) one.id = identity_of(one);
    const std::string digest =
        Plans(database_.connection()).put(at(260), [&](const TextSink& sink) { write_content(plan_, sink); });
    std::vector<JournalEntry> entries;
    std::vector<std::int64_t> seqs;
    std::vector<OperationOutcome> outcomes;
    std::vector<Link> links;
    for (const Operation& one : plan_.operations) {
      const auto seq = static_cast<std::int64_t>(entries.size());
      entries.push_back(planned_entry(seq, one));
      seqs.push_back(seq);
      const std::size_t n = std::stoul(one.person.substr(1));
      outcomes.push_back({.seq = seq, .account = account_of(n), .message = ""});
      if (one.kind == OperationKind::create) links.push_back(link(n, {LinkOrigin::Kind::created}));
    }
    Journal journal(database_.connection());
    journal.plan(run, digest, entries);
    Transaction transaction(database_.connection());
    journal.mark_sent(run, seqs, at(300));
    journal.mark_ended(run, outcomes, at(301));
    Links(database_.connection()).put(iot_, links);
    transaction.commit();
    end(run, fmt::format(R"({{"operations":{{"iot":{{"done":{}}}}},"plan":"{}"}})", entries.size(), digest),
        900);
  }

  Database& database_;
  const PlatformId hr_, iot_;
  std::vector<Somebody> people_;
  std::vector<std::size_t> changed_records_;  // since the last pull of hr
  std::vector<std::size_t> touched_;          // by the last sync, or by hand since
  Plan plan_;
  std::int64_t now_ = 0;
  std::mt19937_64 random_{20251101};
};

}  // namespace
}  // namespace usher

int main(int count, char** words) {
  std::size_t people = 0;
  const std::string number = count == 3 ? words[2] : "";
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), people);
  if (error != std::errc() || end != number.data() + number.size() || people == 0) {
    std::fputs("usage: usher-year FILE ACCOUNTS\n", stderr);
    return 64;
  }
  usher::Database database(words[1], usher::Access::write);
  usher::Year(database, people).run();
  return 0;
}
