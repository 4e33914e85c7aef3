#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/switches.hpp"

namespace usher::sandbox {

/// What a sandbox is made of. The defaults serve most tests.
struct Options {
  std::vector<std::string> platforms{"mainflux"};
  std::string host = "127.0.0.1";
  int port = 0;             ///< of the first platform, the others follow; 0: any free one for each
  std::size_t users = 100;  ///< beside the administrator
  std::uint64_t seed = 1;   ///< same seed and size: same world
  /// The account a client logs in with; on Sigfox its id and password are drawn from the seed (see `login`).
  std::string admin_identity = "admin@example.com";
  std::string admin_secret = "12345678";
  /// The password of every other account that came with the world.
  std::string user_secret = "sandbox-secret";
  std::chrono::seconds access_life{900};
  std::chrono::seconds refresh_life{86400};
  /// When given, records are stamped from here on, a millisecond each, in place of the real time: same calls,
  /// same bytes. RFC 3339.
  std::optional<std::string> epoch;
  Switches switches;
  /// A world to begin with in place of an invented one, as text: what `world` answers, an array of users, or
  /// an object of these by platform name. Secrets in it are taken, and never shown again.
  std::optional<std::string> load;
};

/// Platforms on loopback, each on a port of its own, in this process. Safe to use from any thread. The member
/// functions that take a platform throw std::out_of_range when the sandbox does not play it.
///
/// Every endpoint of the same name under /__sandbox/ of a platform's port does the same over HTTP.
class Server {
 public:
  /// Listens when it returns. Throws std::runtime_error (a port that is taken) or std::invalid_argument (an
  /// unknown platform or switch, a world that is none).
  explicit Server(Options options);
  /// Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port(const std::string& platform) const;
  /// "http://127.0.0.1:PORT", without a trailing slash.
  std::string url(const std::string& platform) const;
  /// What the administrator logs in with: {"identity", "secret"}.
  nlohmann::json login(const std::string& platform) const;

  /// All the platform holds, in a stable order, secrets left out; `Options::load` takes it back.
  nlohmann::json world(const std::string& platform) const;
  /// Every write that was done, oldest first: {"sequence", "method", "path", "effect", "subject", "status",
  /// "body"}.
  nlohmann::json journal(const std::string& platform) const;
  /// How often each route was called: {"GET /users": 12, …}.
  nlohmann::json requests(const std::string& platform) const;

  /// Replaces the fault script of every platform: a list of rules, see README.md. Throws
  /// std::invalid_argument that names the rule and what is wrong with it.
  void set_faults(const nlohmann::json& script);
  /// Advances every clock: tokens get older.
  void advance(std::chrono::seconds by);
  /// Changes one platform's data behind everybody's back, as the `change` of a fault does; not in the
  /// journal.
  void change(const std::string& platform, const nlohmann::json& how);
  /// The world as it began, an empty journal, no faults.
  void reset();
  /// Closes the ports. May be called twice.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::sandbox
