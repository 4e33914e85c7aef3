#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>

#include "rules/accounts.hpp"

namespace usher {

/// Tells which accounts that nobody declares stay, by `orphans.except`. One a thread; the program must
/// outlive it.
class OrphanException {
 public:
  explicit OrphanException(const AccountProgram& program);

  /// account: what expressions see of it. Whether it stays; the error says why nobody can tell.
  tl::expected<bool, std::string> excepts(const nlohmann::json& account);

 private:
  const AccountProgram& program_;
  cel::Bindings bindings_;
};

}  // namespace usher
