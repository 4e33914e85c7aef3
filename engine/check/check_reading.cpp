#include <fmt/format.h>

#include <algorithm>

#include "engine/check/checks.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/account_label.hpp"

namespace usher {

namespace {

/// What two readings do not agree on; empty: nothing.
std::string difference(const Pulled& first, const Pulled& second) {
  if (second.failure) return describe(*second.failure);
  std::uint64_t missing = 0, added = 0, changed = 0;
  std::string example;
  for (const auto& [id, digest] : first.digests) {
    const auto found = second.digests.find(id);
    const bool same = found != second.digests.end() && found->second == digest;
    if (!same && example.empty()) example = id;
    missing += found == second.digests.end() ? 1 : 0;
    changed += found != second.digests.end() && !same ? 1 : 0;
  }
  for (const auto& [id, digest] : second.digests) {
    if (first.digests.count(id) > 0) continue;
    ++added;
    if (example.empty()) example = id;
  }
  if (missing + added + changed == 0) return {};
  return fmt::format(
      "{} missing, {} more and {} different than the first time, such as {}: somebody is working there, or "
      "the "
      "order of the listing is not stable",
      missing, added, changed, example);
}

class Reading {
 public:
  Reading(Connector& connector, Checks& checks, const std::stop_token& stop)
      : connector_(connector), can_(connector.capabilities()), checks_(checks), stop_(stop) {}

  Pulled run() {
    pulled_ = pull_all(connector_, stop_);
    if (pulled_.failure && pulled_.completeness.pages() == 0) {
      checks_.failed("logs in and answers a first page", describe(*pulled_.failure));
      return std::move(pulled_);
    }
    checks_.ok("logs in and answers a first page");
    everybody();
    whole();
    total();
    again();
    other_size();
    unique();
    alone();
    found_by_key();
    nobody();
    own();
    entitlements();
    checks_.judge("shows no secret",
                  pulled_.secret.empty() ? "" : pulled_.secret + " looks like one; leave it out");
    return std::move(pulled_);
  }

 private:
  void everybody() {
    const std::string name = "shows every account there is";
    const auto probe = connector_.probe({}, stop_);
    if (!probe) return checks_.failed(name, describe(probe.error()));
    if (!probe->asks_for_everybody)
      return checks_.not_possible(name,
                                  "the recipe has no 'sees-everything' call, so this cannot be checked");
    checks_.judge(name, probe->hidden);
  }

  void whole() {
    checks_.judge("reads to the end", pulled_.objection(),
                  fmt::format("{}, {}", pluralised(pulled_.digests.size(), "account", "accounts"),
                              pluralised(pulled_.completeness.pages(), "page", "pages")));
  }

  void total() {
    const auto total = pulled_.completeness.total();
    if (total) {
      checks_.judge("says how many there are",
                    *total == pulled_.digests.size()
                        ? ""
                        : fmt::format("it says {} and answered {}", *total, pulled_.digests.size()),
                    with_separators(*total));
    } else {
      checks_.not_possible("says how many there are",
                           "no reply says it; only the end of the listing is proof");
    }
  }

  void again() { checks_.judge("reads the same again", difference(pulled_, pull_all(connector_, stop_))); }

  void other_size() {
    const std::string name = "reads the same in pages of another size";
    if (!checks_.options().with_page_size)
      return checks_.not_possible(name, "its pages have no size to ask for");
    const std::size_t size = std::clamp<std::size_t>(pulled_.digests.size() / 3, 1, 7);
    if (pulled_.digests.size() > 2000)
      return checks_.not_possible(name, "there are too many accounts for small pages");
    const auto other = checks_.options().with_page_size(size);
    checks_.judge(name, difference(pulled_, pull_all(*other, stop_)), fmt::format("{} at a time", size));
  }

  void unique() {
    if (can_.natural_key.empty()) {
      return checks_.not_possible("keys are unique", "no attribute is said to be unique");
    }
    const auto twice = std::find_if(pulled_.keys.begin(), pulled_.keys.end(),
                                    [](const auto& key) { return key.second > 1; });
    std::string wrong;
    if (twice != pulled_.keys.end())
      wrong =
          fmt::format("{} accounts have the {} {}", twice->second, can_.natural_key, escaped(twice->first));
    if (wrong.empty() && pulled_.keyless > 0)
      wrong = fmt::format("{} no {}", pluralised(pulled_.keyless, "account has", "accounts have"),
                          can_.natural_key);
    checks_.judge("keys are unique", wrong, can_.natural_key);
  }

  void alone() {
    const std::string name = "an account read alone is as it is listed";
    if (!can_.read)
      return checks_.not_possible(name, "there is no call for one account: writes cannot be verified");
    if (pulled_.samples.empty()) return checks_.not_possible(name, "there is no account");
    std::string wrong;
    for (const Account* listed : {&pulled_.samples.front(), &pulled_.samples.back()}) {
      const auto read = connector_.read({.id = listed->id}, stop_);
      if (!read) {
        wrong = describe(read.error());
      } else if (!*read) {
        wrong = fmt::format("{} is listed, and does not exist when it is asked for", label_of(*listed, can_));
      } else {
        wrong = compare(*listed, **read);
      }
      if (!wrong.empty()) break;
    }
    checks_.judge(name, wrong, escaped(label_of(pulled_.samples.front(), can_)));
  }

  std::string compare(const Account& listed, const Account& read) const {
    const std::string label = escaped(label_of(listed, can_));
    if (read.id != listed.id) return fmt::format("{} answers {} in place of {}", label, read.id, listed.id);
    if (read.active != listed.active) return fmt::format("{} is active in one and not in the other", label);
    if (read.attributes != listed.attributes) {
      return fmt::format("{} is listed as {} and read as {}", label, escaped(clipped(listed.attributes, 160)),
                         escaped(clipped(read.attributes, 160)));
    }
    const auto bare = [](const std::string& memberships) { return memberships.empty() ? "{}" : memberships; };
    if (bare(read.memberships) == bare(listed.memberships)) return {};
    return fmt::format("the memberships of {} are listed as {} and read as {}", label,
                       escaped(clipped(listed.memberships, 160)), escaped(clipped(read.memberships, 160)));
  }

  void found_by_key() {
    const std::string name = "an account is found by its key";
    if (!can_.find) {
      return checks_.not_possible(
          name, "there is no call for it: a create whose answer is lost waits for the next pull");
    }
    if (pulled_.samples.empty()) return checks_.not_possible(name, "there is no account");
    const Account& sample = pulled_.samples.back();
    const std::string key = attribute_text(sample, can_.natural_key);
    const auto found = connector_.read({.natural_key = key}, stop_);
    std::string wrong;
    if (!found)
      wrong = describe(found.error());
    else if (!*found)
      wrong = fmt::format("{} exists and is not found", escaped(key));
    else if ((*found)->id != sample.id)
      wrong = fmt::format("{} is {} and {} is found", escaped(key), sample.id, (*found)->id);
    checks_.judge(name, wrong, escaped(key));
  }

  void nobody() {
    const std::string name = "nobody is found where nobody is";
    if (!can_.find) return checks_.not_possible(name, "there is no call that finds by key");
    const std::string key = "usher-nobody-" + std::to_string(pulled_.digests.size()) + "@usher.invalid";
    const auto found = connector_.read({.natural_key = key}, stop_);
    checks_.judge(name, !found ? describe(found.error()) : *found ? "somebody is found by " + key : "");
  }

  void own() {
    const std::string name = "knows which account is its own";
    if (pulled_.self.empty())
      return checks_.not_possible(name, "nothing says it: that account is not protected");
    checks_.ok(name, pulled_.digests.count(pulled_.self) > 0 ? pulled_.self
                                                             : pulled_.self + ", which is not listed");
  }

  void entitlements() {
    for (const EntitlementKind& kind : can_.entitlements) {
      std::map<std::pair<std::string, std::string>, std::uint64_t> names;
      std::uint64_t count = 0;
      for (const Entitlement& one : pulled_.entitlements) {
        if (one.kind != kind.name) continue;
        ++count;
        ++names[{one.name, one.scope}];
      }
      std::string wrong;
      if (const auto unknown = pulled_.unknown.find(kind.name); unknown != pulled_.unknown.end()) {
        wrong = fmt::format("accounts are in {} {}, which the listing does not have", kind.name,
                            escaped(unknown->second));
      }
      std::string seen = fmt::format("{} listed, {}", count,
                                     pluralised(pulled_.edges[kind.name], "membership", "memberships"));
      for (const auto& [named, times] : names) {
        if (times > 1)
          seen += fmt::format("; {} are called {}: rules must say the id", times, escaped(named.first));
      }
      checks_.judge("knows memberships: " + kind.name, wrong, seen);
    }
  }

  Connector& connector_;
  const Capabilities& can_;
  Checks& checks_;
  const std::stop_token& stop_;
  Pulled pulled_;
};

}  // namespace

Pulled try_reading(Connector& connector, Checks& checks, const std::stop_token& stop) {
  return Reading(connector, checks, stop).run();
}

}  // namespace usher
