#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "rules/config.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/operation.hpp"

namespace usher {

/// Makes the secrets of new accounts, of unlocked ones and of those that are renewed, takes the ones that
/// platforms make themselves, and hands them over as the rules of one platform say: to nobody,
/// to a file that only its owner can read, or to a command's standard input. They stand nowhere else. Safe
/// from any thread.
class FirstSecrets {
 public:
  /// Both must outlive it. platform: what it takes.
  FirstSecrets(const FirstSecret& rules, const SecretRule& platform) : rules_(rules), platform_(platform) {}

  /// A new secret for this operation: of small and capital letters, digits and signs at least one each, where
  /// rules and platform allow such. In the file before it
  /// is returned, so that no account gets a secret nobody has. Throws std::runtime_error naming the file when
  /// it cannot be written. The one a lock needs goes nowhere.
  Secret make(const Operation& operation);

  /// The operation is done: its secret goes to the command. Others are forgotten.
  void used(const Operation& operation, const std::string& account, const Secret& secret);

  /// The platform made a secret: it goes to the file or to the command. That of a lock goes nowhere.
  void answered(const Operation& operation, const std::string& account, const Secret& secret);

  /// Runs the command, with one JSON object a line on its standard input:
  /// {"account","label","person","platform", "secret"}. An empty text, or what went wrong.
  std::string hand_over();

 private:
  const FirstSecret& rules_;
  const SecretRule& platform_;
  std::mutex mutex_;
  std::string lines_;  // for the command
};

}  // namespace usher
