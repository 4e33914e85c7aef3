#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/call.hpp"

namespace usher::sandbox {

/// One rule of a fault script: which calls it takes, and what it does to them. README.md describes every key.
class Fault {
 public:
  /// Throws std::invalid_argument with what is wrong.
  explicit Fault(const nlohmann::json& rule);
  ~Fault();

  /// Whether the rule is for this call at all, whichever occurrence it is.
  bool takes(const std::string& platform, const Call& call) const;
  /// Counts one call it takes, and says whether it is an occurrence the rule acts on.
  bool counts();

  /// What happens before the platform sees the call.
  std::int64_t delay_ms() const;
  bool holds_before() const;
  bool expires_tokens() const;
  const nlohmann::json* change() const;  ///< null when the data stays
  /// True when the platform never sees the call: `spoil` then makes the whole reply.
  bool in_place_of_the_platform() const;

  /// Whether the platform is asked the same twice, and the second reply counts.
  bool repeats_call() const;
  /// What happens after the platform was asked.
  std::int64_t late_ms() const;
  bool holds_after() const;

  /// Whether `spoil` needs the page before this one.
  bool repeats() const;
  /// Does to the reply whatever the rule says. `previous`: the body of the page before on the same route, or
  /// empty.
  void spoil(Reply& reply, const std::string& previous) const;

 private:
  struct Rule;
  std::unique_ptr<Rule> rule_;
  std::uint64_t seen_ = 0;
};

/// The rules in the order they were written. The first that acts on a call wins; every rule that takes a call
/// counts it. Not locked.
class FaultScript {
 public:
  FaultScript() = default;
  /// `script`: an array of rules, or {"faults": [rules]}. Throws std::invalid_argument naming the rule.
  explicit FaultScript(const nlohmann::json& script);

  bool empty() const { return faults_.empty(); }
  bool repeats() const;
  /// The fault that acts on this call, or null.
  std::shared_ptr<const Fault> next(const std::string& platform, const Call& call);

 private:
  std::vector<std::shared_ptr<Fault>> faults_;
};

}  // namespace usher::sandbox
