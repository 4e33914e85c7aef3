#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/apply/first_secrets.hpp"
#include "engine/check/checks.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/effect.hpp"

namespace usher {

namespace {

/// What can be done with the credentials and the use of the throw-away account.
class AccessTrial {
 public:
  AccessTrial(Connector& connector, const std::string& account, Checks& checks, const std::stop_token& stop)
      : connector_(connector),
        can_(connector.capabilities()),
        account_(account),
        checks_(checks),
        stop_(stop) {}

  void run() {
    for (const CredentialKind& kind : can_.credentials) {
      if (kind.own || !kind.holder.empty()) {
        checks_.not_possible(kind.name + " is renewed or revoked",
                             kind.own ? "it is usher's own" : "it is that of a " + kind.holder);
      } else {
        list(kind);
        revoke(kind);
      }
    }
    for (const CredentialKind& kind : can_.credentials) {  // last, so that the account can be used again
      if (!kind.own && kind.holder.empty()) renew(kind);
    }
    if (can_.lock) lock();
  }

 private:
  Operation operation(OperationKind kind, const std::string& route = {}) const {
    Operation made;
    made.kind = kind;
    made.account = account_;
    made.route = route;
    return made;
  }

  /// Empty, or what went wrong. secret: whether usher makes one for it.
  std::string apply(const Operation& change, bool secret) {
    const FirstSecret discarded;
    const Secret made = secret ? new_secret(discarded, can_.secrets) : Secret();
    const auto receipt = connector_.apply(change, made, stop_);
    return receipt ? std::string() : describe(receipt.error());
  }

  void list(const CredentialKind& kind) {
    if (!kind.list) return;
    const auto found = connector_.credentials(kind.name, account_, stop_);
    checks_.judge("lists " + kind.name, found ? "" : describe(found.error()),
                  found ? pluralised(found->size(), "is there", "are there") : "");
  }

  void revoke(const CredentialKind& kind) {
    if (!kind.revoke) return;
    for (const char* again : {"", " a second time"}) {
      std::string wrong = apply(operation(OperationKind::revoke, kind.name), false);
      const auto left = kind.list && wrong.empty() ? connector_.credentials(kind.name, account_, stop_)
                                                   : Outcome<std::vector<Credential>>();
      if (!left) {
        wrong = describe(left.error());
      } else if (!left->empty()) {
        wrong = fmt::format("{} left", pluralised(left->size(), "is", "are"));
      }
      checks_.judge("revokes " + kind.name + again, wrong);
    }
  }

  void renew(const CredentialKind& kind) {
    const std::string name = "renews " + kind.name;
    if (!kind.rotate) return;
    if (!kind.generated && !kind.answered)
      return checks_.not_possible(name, "the platform would write to somebody");
    checks_.judge(name, apply(operation(OperationKind::rotate, kind.name), kind.generated),
                  kind.generated ? "usher made it" : "the platform made it");
  }

  /// Whether the account reads as a locked one; sets `wrong` when it cannot be read.
  bool reads_locked(std::string& wrong) {
    const auto account = connector_.read({.id = account_}, stop_);
    if (!account) wrong = describe(account.error());
    if (account && !*account) wrong = "it does not exist when it is read back";
    return wrong.empty() && looks_locked(**account, can_);
  }

  // What a plan puts before the lock itself.
  std::string write_what_a_lock_sets() {
    for (const auto& [path, value] : can_.locking.sets) {
      const UpdateRoute* route = can_.route(path);
      if (route == nullptr) return "no update writes " + path;
      Operation change = operation(OperationKind::update, route->name);
      change.after[path] = nlohmann::json::parse(value);
      if (auto wrong = apply(change, false); !wrong.empty()) return wrong;
    }
    return {};
  }

  void turn(const std::string& name, OperationKind kind, bool secret, bool locked) {
    const bool visible_lock = can_.read && !can_.locking.shows.empty();
    for (const char* again : {"", " a second time"}) {
      std::string wrong = apply(operation(kind), secret);
      if (wrong.empty() && visible_lock && reads_locked(wrong) != locked && wrong.empty())
        wrong = locked ? "it does not read as a locked one" : "it still reads as a locked one";
      checks_.judge(name + again, wrong, visible_lock ? "" : "nothing shows it; usher remembers it");
    }
  }

  void lock() {
    if (const std::string wrong = write_what_a_lock_sets(); !wrong.empty())
      return checks_.failed("locks", "what a lock sets: " + wrong);
    turn("locks", OperationKind::lock, can_.lock_secret, true);
    if (!can_.unlock) return checks_.not_possible("unlocks", "there is no call for it");
    turn("unlocks", OperationKind::unlock, can_.unlock_secret, false);
  }

  Connector& connector_;
  const Capabilities& can_;
  const std::string& account_;
  Checks& checks_;
  const std::stop_token& stop_;
};

}  // namespace

void try_access(Connector& connector, const std::string& account, Checks& checks,
                const std::stop_token& stop) {
  AccessTrial(connector, account, checks, stop).run();
}

}  // namespace usher
