#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "examples/sandbox/call.hpp"
#include "examples/sandbox/faults.hpp"
#include "examples/sandbox/journal.hpp"
#include "examples/sandbox/listener.hpp"
#include "examples/sandbox/platform.hpp"

namespace usher::sandbox {

/// One platform on one port: puts faults between the network and the platform, keeps the journal, counts
/// requests, and answers /__sandbox/. Safe from any thread.
class Port {
 public:
  /// `load`: the world to begin with, or null; must outlive the port, as `options` must.
  Port(std::string name, int port, const Options& options, const nlohmann::json* load);

  const std::string& name() const { return name_; }
  int number() const { return listener_->port(); }
  void stop();

  nlohmann::json login() const;
  nlohmann::json world() const;
  nlohmann::json journal() const;
  nlohmann::json requests() const;
  void set_faults(const nlohmann::json& script);
  void advance(std::int64_t seconds);
  void change(const nlohmann::json& how);
  void reset();
  /// Moves switches while the platform runs: {"switch": "value"}.
  void set_switches(const nlohmann::json& moved);
  /// Ends what is held: it goes on, or, with `cut`, the connections are closed without a reply and what
  /// waits behind never reaches the platform.
  void release(bool cut);
  /// How many calls are held; waits for the first one so many milliseconds.
  std::size_t held(std::int64_t wait_ms);

 private:
  Reply answer(const Call& call);
  Reply serve(const Call& call, const std::shared_ptr<const Fault>& fault);
  Reply control(const Call& call);
  Reply control_get(const std::string& what, const Call& call);
  Reply control_post(const std::string& what, const Call& call);
  /// Waits while a call is held, as that call (`self`) or behind it. False: the connection is to be closed.
  bool pass(bool self);
  void note(const Call& call);

  std::string name_;
  Options options_;  ///< its own: switches move while it runs
  const nlohmann::json* load_;
  mutable std::mutex mutex_;            ///< guards everything below but the listener
  std::shared_ptr<Platform> platform_;  ///< a call that is not over keeps the one it began with
  FaultScript faults_;
  Journal journal_;
  std::map<std::pair<std::string, std::string_view>, std::uint64_t> requests_;
  std::unordered_map<std::string_view, std::string>
      previous_pages_;  ///< by route, kept while a fault repeats pages
  bool notes_calls_ = false;
  std::vector<std::pair<std::string, std::string>>
      calls_;  ///< method and target, while somebody asked for it
  std::condition_variable hold_changed_;
  std::size_t held_ = 0;
  std::uint64_t releases_ = 0;
  bool release_cuts_ = false;
  std::unique_ptr<Listener> listener_;
};

}  // namespace usher::sandbox
