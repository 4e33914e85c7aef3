#include "engine/answers/as_of.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <set>
#include <tuple>

#include "engine/runtime/exit_code.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"

namespace usher {

namespace {

using nlohmann::json;

std::uint64_t generation_at(Past& past, const Target& target, const std::string& moment) {
  const std::uint64_t generation = past.generation_at(target.platform, moment);
  if (generation > 0) return generation;
  const auto pulls = past.pulls(target.platform);
  throw CommandError(ExitCode::failed,
                     pulls.empty()
                         ? fmt::format("{} was never pulled.", target.name)
                         : fmt::format("Nothing is remembered of {} at {}: the earliest pull is of {}.",
                                       target.name, moment, pulls.begin()->second.ended_at));
}

AccountThen account_then(Inquiry& inquiry, const Target& target, const Account& account,
                         const std::string& seen) {
  AccountThen one{target.name, account.id, inquiry.label(target.name, account), "", account.active, {}, seen};
  const auto link = Links(inquiry.database().connection())
                        .of_account(target.platform, inquiry.database().fingerprints().of_id(account.id));
  if (link) one.person = link->person;
  for (const auto& [what, details] : parts_of(account, inquiry.names(target.name))) {
    if (what.find(' ') != std::string::npos) one.memberships.push_back(what);
  }
  return one;
}

/// Whether "2026-02-31" is a day of the calendar.
bool is_day(const std::string& text) {
  const auto number = [&](std::size_t from, std::size_t size) { return std::stoi(text.substr(from, size)); };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))))
      .ok();
}

/// Whether "23:59" and ":59" stand on a clock.
bool is_clock(const std::string& minutes, const std::string& seconds) {
  return minutes.substr(0, 2) < "24" && minutes.substr(3) < "60" && seconds.substr(1) < "60";
}

void sort_by_label(std::vector<AccountThen>& accounts) {
  std::sort(accounts.begin(), accounts.end(), [](const AccountThen& a, const AccountThen& b) {
    return std::tie(a.platform, a.label, a.account) < std::tie(b.platform, b.label, b.account);
  });
}

}  // namespace

std::string moment_of(const std::string& text) {
  static const std::regex day(R"(\d{4}-\d\d-\d\d)"),
      minute(R"((\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?Z?)");
  if (std::regex_match(text, day) && is_day(text)) return text + "T00:00:00.000Z";
  std::smatch parts;
  const bool is_time = std::regex_match(text, parts, minute);
  const std::string seconds = is_time && parts[3].matched ? parts[3].str() : ":00";
  if (!is_time || !is_day(parts[1]) || !is_clock(parts[2], seconds))
    throw CommandError(ExitCode::usage,
                       fmt::format("'{}' is no time: write 2026-03-01 or 2026-03-01T12:30:00Z (UTC).", text));
  const std::string fraction = (parts[4].matched ? parts[4].str() : ".") + "000";
  return parts[1].str() + "T" + parts[2].str() + seconds + fraction.substr(0, 4) + "Z";
}

std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const std::string& on) {
  std::vector<AccountThen> found;
  Past past(inquiry.database().connection());
  Connection own = inquiry.database().reader();
  for (const Target& target : inquiry.input().targets) {
    if (!on.empty() && target.name != on) continue;
    const std::uint64_t generation = generation_at(past, target, moment);
    const std::string seen = past.pulls(target.platform).at(generation).ended_at;
    Snapshots(own).for_each_as_of(target.platform, generation, [&](const AccountView& view) {
      found.push_back(account_then(inquiry, target, view.account(), seen));
    });
  }
  sort_by_label(found);
  return found;
}

std::vector<AccountThen> members_at(Inquiry& inquiry, const std::string& moment,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements) {
  std::vector<AccountThen> found;
  Past past(inquiry.database().connection());
  for (const Target& target : inquiry.input().targets) {
    for (const auto& [platform, entitlement] : entitlements) {
      if (platform != target.name) continue;
      const std::uint64_t generation = generation_at(past, target, moment);
      const std::string seen = past.pulls(target.platform).at(generation).ended_at;
      past.for_each_member_version(target.platform, entitlement.kind, entitlement.id,
                                   [&](const AccountVersion& version) {
                                     if (version.born > generation) return;
                                     if (version.died && *version.died <= generation) return;
                                     found.push_back(account_then(inquiry, target, version.account, seen));
                                   });
    }
  }
  sort_by_label(found);
  return found;
}

std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const Whom& whom) {
  std::vector<AccountThen> found;
  Past past(inquiry.database().connection());
  for (const Whom::At& at : whom.accounts) {
    for (const Target& target : inquiry.input().targets) {
      if (target.name != at.platform) continue;
      const std::uint64_t generation = generation_at(past, target, moment);
      const auto account =
          past.as_of(target.platform, inquiry.database().fingerprints().of_id(at.account), generation);
      if (account)
        found.push_back(
            account_then(inquiry, target, *account, past.pulls(target.platform).at(generation).ended_at));
    }
  }
  sort_by_label(found);
  return found;
}

std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::string& from, const std::string& to,
                                          const std::string& on) {
  std::vector<HistoryEntry> changes;
  Past past(inquiry.database().connection());
  for (const Target& target : inquiry.input().targets) {
    if (!on.empty() && target.name != on) continue;
    const std::uint64_t first = generation_at(past, target, from), last = generation_at(past, target, to);
    std::set<std::string> touched;
    past.for_each_version_between(target.platform, first, last,
                                  [&](const AccountVersion& version) { touched.insert(version.account.id); });
    for (const std::string& id : touched) {
      const Fingerprint key = inquiry.database().fingerprints().of_id(id);
      const auto before = past.as_of(target.platform, key, first);
      const auto now = past.as_of(target.platform, key, last);
      if (!before && !now) continue;
      HistoryEntry base;
      base.platform = target.name;
      base.account = id;
      base.label = inquiry.label(target.name, now ? *now : *before);
      if (const auto link = Links(inquiry.database().connection()).of_account(target.platform, key))
        base.person = link->person;
      if (!before || !now) {
        HistoryEntry& one = changes.emplace_back(base);
        one.what = "account";
        one.act = before ? "disappeared" : "appeared";
        continue;
      }
      const EntitlementNames& names = inquiry.names(target.name);
      for (HistoryEntry each : changes_between(parts_of(*before, names), parts_of(*now, names))) {
        each.platform = base.platform;
        each.account = base.account;
        each.label = base.label;
        each.person = base.person;
        changes.push_back(std::move(each));
      }
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::tie(a.platform, a.label) < std::tie(b.platform, b.label);
  });
  return changes;
}

}  // namespace usher
