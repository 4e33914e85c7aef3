#include "examples/sandbox/server.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/port.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

/// The part of a loaded file that is for `platform`; null when there is none.
json part_for(const std::string& platform, const std::vector<std::string>& platforms, const json& loaded) {
  if (loaded.is_object() && loaded.contains(platform)) return loaded[platform];
  const bool names_platforms =
      loaded.is_object() && std::any_of(platforms.begin(), platforms.end(),
                                        [&loaded](const std::string& name) { return loaded.contains(name); });
  return names_platforms || loaded.is_null() ? json() : loaded;
}

}  // namespace

struct Server::State {
  Options options;
  std::vector<std::unique_ptr<json>> worlds;
  std::vector<std::unique_ptr<Port>> ports;

  Port& at(const std::string& platform) const {
    for (const auto& port : ports)
      if (port->name() == platform) return *port;
    throw std::out_of_range("the sandbox does not play " + platform);
  }
};

Server::Server(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  const Options& kept = state_->options;
  json loaded;
  if (kept.load) {
    loaded = json::parse(*kept.load, nullptr, false);
    if (loaded.is_discarded()) throw std::invalid_argument("the world to load is no JSON");
  }
  int port = kept.port;
  for (const std::string& name : kept.platforms) {
    auto part = std::make_unique<json>(part_for(name, kept.platforms, loaded));
    state_->ports.push_back(std::make_unique<Port>(name, port, kept, part->is_null() ? nullptr : part.get()));
    state_->worlds.push_back(std::move(part));
    if (port != 0) ++port;
  }
}

Server::~Server() {
  stop();
}

int Server::port(const std::string& platform) const {
  return state_->at(platform).number();
}

std::string Server::url(const std::string& platform) const {
  return "http://" + state_->options.host + ':' + std::to_string(port(platform));
}

json Server::login(const std::string& platform) const {
  return state_->at(platform).login();
}

json Server::world(const std::string& platform) const {
  return state_->at(platform).world();
}

json Server::journal(const std::string& platform) const {
  return state_->at(platform).journal();
}

json Server::requests(const std::string& platform) const {
  return state_->at(platform).requests();
}

void Server::set_faults(const json& script) {
  for (const auto& port : state_->ports) port->set_faults(script);
}

void Server::advance(std::chrono::seconds by) {
  for (const auto& port : state_->ports) port->advance(by.count());
}

void Server::change(const std::string& platform, const json& how) {
  state_->at(platform).change(how);
}

void Server::reset() {
  for (const auto& port : state_->ports) port->reset();
}

void Server::stop() {
  for (const auto& port : state_->ports) port->stop();
}

}  // namespace usher::sandbox
