#include "engine/answers/as_of.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <chrono>
#include <iterator>
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

/// Why nothing can be said of a platform at that moment.
std::string nothing_known(Past& past, PlatformId platform, const std::string& moment) {
  const auto pulls = past.pulls(platform);
  if (pulls.empty()) return "it was never pulled";
  return fmt::format("nothing is remembered of it at {}: the earliest pull is of {}", moment,
                     pulls.begin()->second.ended_at);
}

bool is_target(const Inquiry& inquiry, const std::string& name) {
  const auto& targets = inquiry.input().targets;
  return std::any_of(targets.begin(), targets.end(), [&](const Target& one) { return one.name == name; });
}

const Capabilities* capabilities_of(const Inquiry& inquiry, const std::string& name) {
  const auto connector = inquiry.setup().connectors.find(name);
  return connector == inquiry.setup().connectors.end() ? nullptr : &connector->second->capabilities();
}

std::vector<std::string> memberships_of(const Account& account, const EntitlementNames& names) {
  std::vector<std::string> found;
  const json edges = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  for (const auto& [kind, held] : edges.items())
    for (const auto& [id, details] : held.items()) found.push_back(kind + " " + names.name_of(kind, id));
  std::sort(found.begin(), found.end());
  return found;
}

std::string holder_of(Inquiry& inquiry, const PlatformThen& then, const std::string& account) {
  const Fingerprint key = inquiry.database().fingerprints().of_id(account);
  return Links(inquiry.database().connection()).holder_at(then.platform, key, then.time);
}

AccountThen account_then(Inquiry& inquiry, const PlatformThen& then, const Account& account,
                         std::string label) {
  AccountThen one{then.name,         account.id,
                  std::move(label),  "",
                  account.active,    memberships_of(account, inquiry.names(then.name)),
                  then.pull.ended_at};
  one.person = holder_of(inquiry, then, account.id);
  return one;
}

AccountThen account_then(Inquiry& inquiry, const PlatformThen& then, const Account& account) {
  return account_then(inquiry, then, account, inquiry.label(then.name, account));
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

PlatformsThen platforms_at(Inquiry& inquiry, const Moment& moment, const std::set<std::string>& wanted) {
  PlatformsThen all;
  Past past(inquiry.database().connection());
  for (const PlatformState& state : Snapshots(inquiry.database().connection()).platforms()) {
    const bool asked = wanted.contains(state.name);
    const bool has_rules = is_target(inquiry, state.name);
    if ((inquiry.source(state.name) != nullptr && !has_rules) || (!asked && !wanted.empty())) continue;
    if (!asked && !has_rules) {
      if (past.had_links(state.platform))
        all.left_out.push_back({state.name, "it is no longer in the rules; --on shows it"});
      continue;
    }
    const std::uint64_t generation = past.generation_at(state.platform, moment.time);
    if (generation == 0) {
      all.left_out.push_back({state.name, nothing_known(past, state.platform, moment.time)});
      continue;
    }
    all.found.push_back({state.name, state.platform, capabilities_of(inquiry, state.name), moment.time,
                         generation, past.pulls(state.platform).at(generation), moment.run});
  }
  for (const auto& [name, program] : inquiry.setup().rules->accounts())
    if (!inquiry.database().find_platform(name) && (wanted.empty() || wanted.contains(name)))
      all.left_out.push_back({name, "it was never pulled"});
  if (!all.found.empty() || all.left_out.empty()) return all;
  std::string why;
  for (const LeftOut& one : all.left_out) why += fmt::format("{}: {}. ", one.platform, one.why);
  why.pop_back();
  throw CommandError(ExitCode::failed, why);
}

AccountsThen::AccountsThen(Inquiry& inquiry, std::vector<PlatformThen> platforms)
    : inquiry_(inquiry), platforms_(std::move(platforms)) {
  for (std::size_t i = 0; i < platforms_.size(); ++i) add(i);
  tbb::parallel_sort(all_.begin(), all_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.platform, a.label, a.account) < std::tie(b.platform, b.label, b.account);
  });
}

void AccountsThen::add(std::size_t platform) {
  const PlatformThen& then = platforms_[platform];
  const std::string path = then.can == nullptr ? "" : then.can->label;
  const std::vector<RowSlice> slices = Snapshots(inquiry_.database().connection())
                                           .row_slices_as_of(then.platform, then.generation, reading_slices);
  std::vector<std::vector<Entry>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = inquiry_.database().reader();
    simdjson::dom::parser parser;
    Snapshots(connection).for_each_as_of(slices[i], then.generation, [&](const AccountView& view) {
      simdjson::dom::element attributes;
      const bool read =
          !path.empty() &&
          parser.parse(view.attributes.data(), view.attributes.size()).get(attributes) == simdjson::SUCCESS;
      const std::string_view label = read ? text_at(attributes, path) : std::string_view();
      parts[i].push_back(
          {std::string(label.empty() ? view.id : label), std::string(view.id), view.row, platform});
    });
  });
  for (std::vector<Entry>& part : parts) std::move(part.begin(), part.end(), std::back_inserter(all_));
}

AccountThen AccountsThen::at(std::size_t index) {
  const Entry& entry = all_[index];
  const PlatformThen& then = platforms_[entry.platform];
  const auto stored = Snapshots(inquiry_.database().connection()).at(entry.row);
  if (!stored)  // another command forgot it meanwhile
    return {then.name, entry.account, entry.label, "", false, {}, then.pull.ended_at};
  return account_then(inquiry_, then, stored->account, entry.label);
}

std::vector<AccountThen> members_at(Inquiry& inquiry, const std::vector<PlatformThen>& platforms,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements) {
  std::vector<AccountThen> found;
  Past past(inquiry.database().connection());
  for (const PlatformThen& then : platforms) {
    for (const auto& [platform, entitlement] : entitlements) {
      if (platform != then.name) continue;
      past.for_each_member_version(then.platform, entitlement.kind, entitlement.id, then.generation,
                                   [&](const AccountVersion& version) {
                                     found.push_back(account_then(inquiry, then, version.account));
                                   });
    }
  }
  sort_by_label(found);
  return found;
}

std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::vector<PlatformThen>& platforms,
                                     const Whom& whom) {
  std::vector<AccountThen> found;
  Past past(inquiry.database().connection());
  for (const Whom::At& at : whom.accounts) {
    for (const PlatformThen& then : platforms) {
      if (then.name != at.platform) continue;
      const auto account =
          past.as_of(then.platform, inquiry.database().fingerprints().of_id(at.account), then.generation);
      if (account && was_theirs(inquiry, whom, at.platform, at.account, then.time))
        found.push_back(account_then(inquiry, then, *account));
    }
  }
  sort_by_label(found);
  return found;
}

}  // namespace usher
