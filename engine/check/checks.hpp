#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/check/connector_check.hpp"
#include "engine/pull/completeness.hpp"

namespace usher {

/// All a platform answered in one go.
struct Pulled {
  std::map<std::string, std::string> digests;  ///< of each account, by id
  std::vector<Account> samples;                ///< the first and last of each page, with their memberships
  std::map<std::string, std::uint64_t> keys;   ///< how often each natural key occurs
  std::uint64_t keyless = 0;                   ///< accounts without one
  std::uint64_t items = 0;
  std::vector<Entitlement> entitlements;
  std::map<std::string, std::uint64_t> edges;  ///< memberships, by kind
  std::map<std::string, std::string> unknown;  ///< kind -> an id that memberships name and no listing has
  Completeness completeness;
  std::string self;
  std::string secret;  ///< an attribute whose value looks like a secret
  std::optional<Failure> failure;

  /// Why this is no proof that nobody else is there; empty: it is one.
  std::string objection() const;
};
Pulled pull_all(Connector& connector, const std::stop_token& stop);

/// The text at an attribute of an account; empty when there is none.
std::string attribute_text(const Account& account, const std::string& path);

/// Makes checks and remembers how they came out.
class Checks {
 public:
  explicit Checks(const TrialOptions& options) : options_(options) {}

  void ok(std::string name, std::string why = {}) {
    add({std::move(name), CheckResult::Result::ok, std::move(why)});
  }
  void failed(std::string name, std::string why) {
    add({std::move(name), CheckResult::Result::failed, std::move(why)});
  }
  void not_possible(std::string name, std::string why) {
    add({std::move(name), CheckResult::Result::not_possible, std::move(why)});
  }
  /// ok when `wrong` is empty.
  void judge(std::string name, const std::string& wrong, std::string seen = {}) {
    wrong.empty() ? ok(std::move(name), std::move(seen)) : failed(std::move(name), wrong);
  }

  const TrialOptions& options() const { return options_; }
  std::vector<CheckResult> take() { return std::move(checks_); }

 private:
  void add(CheckResult check) {
    options_.told(check);
    checks_.push_back(std::move(check));
  }

  const TrialOptions& options_;
  std::vector<CheckResult> checks_;
};

/// The part that reads; answers what was read.
Pulled try_reading(Connector& connector, Checks& checks, const std::stop_token& stop);
/// Lists, revokes and renews the credentials of an account made for this, locks and unlocks it.
void try_access(Connector& connector, const std::string& account, Checks& checks,
                const std::stop_token& stop);
/// Writes texts that platforms like to rewrite into every attribute of the account made for this that can be
/// changed and read, and says what became of them.
void try_texts(Connector& connector, const std::string& account, Checks& checks, const std::stop_token& stop);
/// The part that writes; answers the id of an account it could not take away.
std::string try_writing(Connector& connector, const Pulled& pulled, Checks& checks,
                        const std::stop_token& stop);

}  // namespace usher
