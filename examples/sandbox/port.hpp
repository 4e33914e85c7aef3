#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

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
  void stop() { listener_->stop(); }

  nlohmann::json login() const;
  nlohmann::json world() const;
  nlohmann::json journal() const;
  nlohmann::json requests() const;
  void set_faults(const nlohmann::json& script);
  void advance(std::int64_t seconds);
  void change(const nlohmann::json& how);
  void reset();

 private:
  Reply answer(const Call& call);
  Reply serve(const Call& call, const std::shared_ptr<const Fault>& fault);
  Reply control(const Call& call);

  std::string name_;
  const Options& options_;
  const nlohmann::json* load_;
  mutable std::mutex mutex_;  ///< guards everything below but the listener
  std::unique_ptr<Platform> platform_;
  FaultScript faults_;
  Journal journal_;
  std::map<std::pair<std::string, std::string_view>, std::uint64_t> requests_;
  std::unordered_map<std::string_view, std::string>
      previous_pages_;  ///< by route, kept while a fault repeats pages
  std::unique_ptr<Listener> listener_;
};

}  // namespace usher::sandbox
