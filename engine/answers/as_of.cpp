#include "engine/answers/as_of.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <tuple>
#include <utility>

#include "engine/desired/account_text.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"

namespace usher {

namespace {

using nlohmann::json;

constexpr std::size_t reading_slices = 16;

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

std::vector<std::string> memberships_of(const Account& account, const EntitlementNames& names) {
  std::vector<std::string> found;
  const json edges = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  for (const auto& [kind, held] : edges.items())
    for (const auto& [id, details] : held.items()) found.push_back(kind + " " + names.name_of(kind, id));
  std::sort(found.begin(), found.end());
  return found;
}

AccountThen account_then(Inquiry& inquiry, const Target& target, const Account& account, std::string label,
                         const std::string& seen) {
  AccountThen one{target.name, account.id,     std::move(label),
                  "",          account.active, memberships_of(account, inquiry.names(target.name)),
                  seen};
  const auto link = Links(inquiry.database().connection())
                        .of_account(target.platform, inquiry.database().fingerprints().of_id(account.id));
  if (link) one.person = link->person;
  return one;
}

AccountThen account_then(Inquiry& inquiry, const Target& target, const Account& account,
                         const std::string& seen) {
  return account_then(inquiry, target, account, inquiry.label(target.name, account), seen);
}

/// An account at two moments; nullopt: it was not there.
struct BothSides {
  std::optional<Account> before, now;
};

void add_changes(Inquiry& inquiry, const Target& target, const std::string& id, const BothSides& sides,
                 std::vector<HistoryEntry>& to) {
  const auto& [before, now] = sides;
  if (!before && !now) return;  // it came and went between the two
  HistoryEntry base;
  base.platform = target.name;
  base.account = id;
  base.label = inquiry.label(target.name, now ? *now : *before);
  const Fingerprint key = inquiry.database().fingerprints().of_id(id);
  if (const auto link = Links(inquiry.database().connection()).of_account(target.platform, key))
    base.person = link->person;
  if (!before || !now) {
    HistoryEntry& one = to.emplace_back(base);
    one.what = "account";
    one.act = before ? "disappeared" : "appeared";
    return;
  }
  const EntitlementNames& names = inquiry.names(target.name);
  for (HistoryEntry each : changes_between(parts_of(*before, names), parts_of(*now, names))) {
    each.platform = base.platform;
    each.account = base.account;
    each.label = base.label;
    each.person = base.person;
    to.push_back(std::move(each));
  }
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

AccountsThen::AccountsThen(Inquiry& inquiry, const std::string& moment, const std::string& on)
    : inquiry_(inquiry) {
  Past past(inquiry.database().connection());
  for (const Target& target : inquiry.input().targets) {
    if (!on.empty() && target.name != on) continue;
    const std::uint64_t generation = generation_at(past, target, moment);
    add(target, generation, past.pulls(target.platform).at(generation).ended_at);
  }
  tbb::parallel_sort(all_.begin(), all_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.target, a.label, a.account) < std::tie(b.target, b.label, b.account);
  });
}

void AccountsThen::add(const Target& target, std::uint64_t generation, const std::string& seen) {
  targets_.push_back({&target, seen});
  const std::string& path = target.program->capabilities().label;
  const std::vector<RowSlice> slices = Snapshots(inquiry_.database().connection())
                                           .row_slices_as_of(target.platform, generation, reading_slices);
  std::vector<std::vector<Entry>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = inquiry_.database().reader();
    simdjson::dom::parser parser;
    Snapshots(connection).for_each_as_of(slices[i], generation, [&](const AccountView& view) {
      simdjson::dom::element attributes;
      const bool read =
          parser.parse(view.attributes.data(), view.attributes.size()).get(attributes) == simdjson::SUCCESS;
      const std::string_view label = read ? text_at(attributes, path) : std::string_view();
      parts[i].push_back({std::string(label.empty() ? view.id : label), std::string(view.id), view.row,
                          targets_.size() - 1});
    });
  });
  for (std::vector<Entry>& part : parts) std::move(part.begin(), part.end(), std::back_inserter(all_));
}

AccountThen AccountsThen::at(std::size_t index) {
  const Entry& entry = all_[index];
  const OfTarget& of = targets_[entry.target];
  const auto stored = Snapshots(inquiry_.database().connection()).at(entry.row);
  if (!stored)  // another command forgot it meanwhile
    return {of.target->name, entry.account, entry.label, "", false, {}, of.seen};
  return account_then(inquiry_, *of.target, stored->account, entry.label, of.seen);
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
      past.for_each_member_version(target.platform, entitlement.kind, entitlement.id, generation,
                                   [&](const AccountVersion& version) {
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
    std::map<std::string, BothSides> touched;
    past.for_each_version_between(target.platform, first, last, [&](const AccountVersion& version) {
      BothSides& sides = touched[version.account.id];
      if (version.born <= first) sides.before = version.account;
      if (!version.died || *version.died > last) sides.now = version.account;
    });
    for (const auto& [id, sides] : touched) add_changes(inquiry, target, id, sides, changes);
  }
  std::stable_sort(changes.begin(), changes.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::tie(a.platform, a.label) < std::tie(b.platform, b.label);
  });
  return changes;
}

}  // namespace usher
