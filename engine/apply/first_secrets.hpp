#pragma once

#include <string>
#include <tl/expected.hpp>

#include "rules/config.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/mutex.hpp"
#include "state/model/operation.hpp"
#include "state/store/secret_spool.hpp"

namespace usher {

/// Whether somebody gets what these rules make.
bool is_handed_over(const FirstSecret& rules);

/// A new secret: of small and capital letters, digits and signs at least one each, where rules and platform
/// allow such.
Secret new_secret(const FirstSecret& rules, const SecretRule& platform);

/// Makes the secrets of new accounts, of unlocked ones and of those that are renewed, takes the ones that
/// platforms make themselves, and hands them over as the rules of one platform say: to nobody, to a file that
/// only its owner can read, or to a command's standard input. Between being made and being handed over they
/// stand in the spool; the one a lock needs goes nowhere. Safe from any thread.
class FirstSecrets {
 public:
  /// All must outlive it. name: of the platform; platform: what it takes.
  FirstSecrets(std::string name, const FirstSecret& rules, const SecretRule& platform, SecretSpool& spool)
      : name_(std::move(name)), rules_(rules), platform_(platform), spool_(spool) {}

  /// A secret for this operation: the one that an earlier try left, or a new one. In the spool before it is
  /// returned, so that no account gets a secret nobody has. Why not, when it could not be handed over.
  tl::expected<Secret, std::string> make(const Operation& operation);

  /// The operation is done: its secret is to be handed over. account: that now has it.
  void used(const Operation& operation, const std::string& account);
  /// The platform refused the operation: no account has its secret.
  void refused(const Operation& operation);
  /// The platform made a secret, which is to be handed over. Why not, when it could not be kept.
  std::string answered(const Operation& operation, const std::string& account, const Secret& secret);

  /// Hands over what is due: to the file, or to the command, one JSON object a line: {"account", "label",
  /// "person", "platform", "secret", "at"}, also "credential" for a renewed one. A command that fails gets
  /// the same ones again in the next run. An empty text, or what went wrong.
  std::string hand_over();
  /// Takes out of the file what is older than the rules keep it. An empty text, or what went wrong.
  std::string forget_old() const;

 private:
  bool keeps(const Operation& operation) const;
  SpooledSecret spooled(const Operation& operation, const std::string& account, Secret secret) const;

  const std::string name_;
  const FirstSecret& rules_;
  const SecretRule& platform_;
  SecretSpool& spool_;
  Mutex handing_over_;
  std::string failure_ GUARDED_BY(handing_over_);  // of the command or the file: not tried again in this run
};

}  // namespace usher
