#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "state/model/mutex.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// A secret on its way from whoever made it to whom it is for.
struct SpooledSecret {
  std::string operation;  ///< id of the operation that set it
  std::string platform, person, label, account;
  std::string credential;  ///< its kind, when it is renewed; empty: a first secret
  std::string made_at;     ///< RFC 3339, UTC
  bool due = false;        ///< the account has it: it is to be handed over
  Secret secret;
};

/// The secrets that are not handed over yet: a file of mode 0600 beside the state (STATE.secrets), which is
/// in no backup and is gone when nothing waits. A secret is in it, synced, before any platform is told of it,
/// so that a process killed at any instant loses none. Safe from any thread of the process that holds the
/// state.
class SecretSpool {
 public:
  /// Reads what an earlier process left; what cannot be read of a line that was cut is passed over. Throws
  /// std::runtime_error naming the file when it is there and cannot be read, or is no plain file.
  explicit SecretSpool(std::filesystem::path file);
  static std::filesystem::path beside(const std::filesystem::path& state);
  /// How many wait in this file; 0 when there is none.
  static std::size_t waiting(const std::filesystem::path& file);

  /// Keeps a secret; replaces one of the same operation. Why not, when it cannot be written.
  tl::expected<void, std::string> keep(const SpooledSecret& secret);
  /// The account has it. Nothing happens for an operation that keeps none.
  void mark_due(const std::string& operation, const std::string& account);
  /// They were handed over, or are nobody's: they leave the file.
  void drop(const std::vector<std::string>& operations);

  std::optional<SpooledSecret> find(const std::string& operation) const;
  /// Those of one platform, in the order in which they were made.
  std::vector<SpooledSecret> of_platform(const std::string& platform) const;

 private:
  void read() REQUIRES(mutex_);
  void rewrite() const REQUIRES(mutex_);

  const std::filesystem::path file_;
  mutable Mutex mutex_;
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  std::map<std::uint64_t, SpooledSecret> secrets_ GUARDED_BY(mutex_);  // by order
};

}  // namespace usher
