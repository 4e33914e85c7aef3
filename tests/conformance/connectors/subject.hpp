#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/http/clock.hpp"
#include "engine/check/checks.hpp"
#include "examples/sandbox/server.hpp"

namespace usher {

/// Time that passes only when somebody waits.
class PatientClock final : public http::Clock {
 public:
  std::chrono::steady_clock::time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(std::chrono::milliseconds time, std::stop_token stop) override {
    const std::lock_guard lock(mutex_);
    now_ += time;
    return !stop.stop_requested();
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
};

/// One platform that the suite is run against: a recipe that is built in, and the sandbox that plays it.
struct Subject {
  std::string name;      ///< of the test: "Gr4vy2023"
  std::string platform;  ///< "gr4vy"
  std::string users;     ///< path of the listing of users
  std::string items;     ///< the member of its reply that holds the users
  bool counted = true;   ///< replies say how many there are
  std::map<std::string, std::string> switches = {}, options = {};
};
std::ostream& operator<<(std::ostream& out, const Subject& subject);
const std::vector<Subject>& subjects();

/// A sandbox with 60 people in it, small pages, and connectors to it.
class World {
 public:
  explicit World(const Subject& played);

  /// With retries, and page-size 10 unless another is given.
  std::unique_ptr<Connector> connect(std::map<std::string, std::string> more = {});
  /// What a configuration needs to say of the platform, in the lines of a YAML flow mapping.
  std::map<std::string, std::string> options() const;
  std::string secret() const { return server.login(subject.platform).at("secret"); }
  std::set<std::string> users() const;
  /// Makes the faults of this script happen from now on.
  void break_with(const nlohmann::json& script) { server.set_faults(script); }
  /// How many accounts were created so far.
  std::size_t creates() const;

  const Subject& subject;
  sandbox::Server server;
  PatientClock clock;

 private:
  std::map<std::string, std::string> options_;
};

/// The ids of what was pulled.
std::set<std::string> ids(const Pulled& pulled);

}  // namespace usher
