#pragma once

#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "rules/accounts.hpp"
#include "rules/config.hpp"
#include "rules/people.hpp"

namespace usher {

/// Every rule of one configuration, compiled and checked against what the platforms can hold. Immutable; safe
/// from any thread. Configuration and capabilities must outlive it.
class Rules {
 public:
  /// All mistakes in all expressions, sorted by place, when there are any.
  static tl::expected<Rules, std::vector<Diagnostic>> compile(
      const Config& config, const std::map<std::string, const Capabilities*>& platforms);

  const Config& config() const { return *config_; }
  const PeopleProgram& people() const { return *people_; }
  /// By platform name.
  const std::map<std::string, AccountProgram>& accounts() const { return accounts_; }

 private:
  const Config* config_ = nullptr;
  std::unique_ptr<PeopleProgram> people_;
  std::map<std::string, AccountProgram> accounts_;
};

}  // namespace usher
