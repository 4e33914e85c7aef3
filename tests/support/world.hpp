#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/session/session.hpp"
#include "examples/sandbox/server.hpp"

namespace usher::test {

/// A whole small world: a folder with a configuration, people in a CSV file and the state; the sandbox on
/// loopback; and the real pipeline between them. Nothing in it is faked but the platform, which is played.
class World {
 public:
  /// accounts: the Mainflux accounts to begin with, as an array of users, beside the groups `engineers` and
  /// `operators`; or a whole world as `usher-sandbox --load` takes it, an object of users, groups, policies.
  /// platform: which of the four plays `iot`; the others begin with a world of their own kind. switches: of
  /// the sandbox.
  explicit World(const nlohmann::json& accounts = nlohmann::json::array(),
                 const std::string& platform = "mainflux",
                 const std::map<std::string, std::string>& switches = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// The rows of people.csv: employee_id,first,last,email,department,status.
  void people(const std::string& rows);
  /// The `people` and `accounts` sections; standard_rules() until it is called.
  void rules(const std::string& yaml);
  static std::string standard_rules();
  /// The options of the csv platform, in YAML flow form, after connector and path.
  void source_options(const std::string& yaml) { source_options_ = yaml; }
  /// More options of the Mainflux platform, in YAML flow form: "attempts: 1".
  void platform_options(const std::string& yaml) { platform_options_ = yaml; }

  /// One command each, with a session of its own, as cron would.
  std::vector<PullReport> pull();
  Plan plan(Refresh refresh = Refresh::all, unsigned threads = 0);
  ApplyReport apply(const Plan& plan, std::stop_token stop = {});
  struct Sync {
    std::vector<PullReport> pulls;
    Plan plan;
    ApplyReport report;
  };
  Sync sync();

  /// One request as an administrator would send it from a console: the World's own engine knows nothing of
  /// it. Throws std::runtime_error when it is refused.
  void by_hand(const std::string& method, const std::string& path, const nlohmann::json& body = {});

  const std::string& kind() const { return kind_; }
  /// The clock of every plan from now on is so many days ahead.
  void days_pass(int days);

  /// The platform's account with this identity, as it is; null when there is none.
  nlohmann::json account(const std::string& identity) const;
  /// All that the platform holds: users, groups, policies.
  nlohmann::json platform_world() const { return server_.world(kind_); }
  /// Every account but the engine's own: identity -> object.
  nlohmann::json accounts() const;
  /// How many writes of this effect the platform has done.
  std::size_t writes() const;

  CommonOptions options(unsigned threads = 0);
  sandbox::Server& platform() { return server_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void write_config();

  std::string connection() const;

  std::string kind_;
  std::filesystem::path folder_;
  sandbox::Server server_;
  std::string rules_ = standard_rules();
  std::string source_options_;
  std::string platform_options_;
};

}  // namespace usher::test
