#include "examples/sandbox/port.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr std::string_view control_root = "/__sandbox/";

Reply refusal(int status, const std::string& message) {
  return json_reply(status, {{"message", message}});
}

}  // namespace

Port::Port(std::string name, int port, const Options& options, const json* load)
    : name_(std::move(name)),
      options_(options),
      load_(load),
      platform_(make_platform(name_, options_, load_)) {
  listener_ =
      std::make_unique<Listener>(options.host, port, [this](const Call& call) { return answer(call); });
}

Reply Port::answer(const Call& call) {
  if (call.path.starts_with(control_root)) return control(call);
  std::shared_ptr<const Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    if (!faults_.empty()) fault = faults_.next(name_, call);
  }
  if (fault && fault->delay_ms() > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms()));
  const std::lock_guard lock(mutex_);
  try {
    return serve(call, fault);
  } catch (const std::exception& error) {
    return refusal(500, std::string("defect of the sandbox: ") + error.what());
  }
}

Reply Port::serve(const Call& call, const std::shared_ptr<const Fault>& fault) {
  if (fault && fault->expires_tokens()) platform_->expire_tokens();
  if (fault && fault->change() != nullptr) platform_->change(*fault->change());
  Reply reply;
  if (fault && fault->in_place_of_the_platform())
    reply.route = "(fault)";
  else
    reply = platform_->serve(call);
  ++requests_[{call.method, reply.route}];
  if (!reply.effect.empty()) journal_.add(call, reply);
  std::string fresh;
  if (faults_.repeats() && !reply.items.empty()) fresh = reply.body;
  if (fault) fault->spoil(reply, previous_pages_[reply.route]);
  if (!fresh.empty()) previous_pages_[reply.route] = std::move(fresh);
  return reply;
}

Reply Port::control(const Call& call) {
  const std::string what = call.path.substr(control_root.size());
  try {
    if (call.method == "GET") {
      if (what == "world") return json_reply(200, world());
      if (what == "journal") return json_reply(200, journal());
      if (what == "requests") return json_reply(200, requests());
      if (what == "login") return json_reply(200, login());
    } else if (call.method == "POST") {
      if (what == "reset") return reset(), empty_reply(204);
      const json body = json::parse(call.body);
      if (what == "faults") return set_faults(body), empty_reply(204);
      if (what == "change") return change(body), empty_reply(204);
      if (what == "clock") return advance(body.at("advance_seconds").get<std::int64_t>()), empty_reply(204);
    }
  } catch (const json::exception& error) {
    return refusal(400, std::string("no such JSON is expected here: ") + error.what());
  } catch (const std::invalid_argument& error) {
    return refusal(400, error.what());
  }
  return refusal(
      404, "GET world, journal, requests or login; POST faults, change, clock or reset under /__sandbox/");
}

json Port::login() const {
  const std::lock_guard lock(mutex_);
  return platform_->login();
}

json Port::world() const {
  const std::lock_guard lock(mutex_);
  return platform_->world();
}

json Port::journal() const {
  const std::lock_guard lock(mutex_);
  return journal_.entries();
}

json Port::requests() const {
  const std::lock_guard lock(mutex_);
  json result = json::object();
  for (const auto& [key, count] : requests_) result[key.first + ' ' + std::string(key.second)] = count;
  return result;
}

void Port::set_faults(const json& script) {
  FaultScript faults(script);
  const std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
  previous_pages_.clear();
}

void Port::advance(std::int64_t seconds) {
  const std::lock_guard lock(mutex_);
  platform_->advance(seconds);
}

void Port::change(const json& how) {
  const std::lock_guard lock(mutex_);
  platform_->change(how);
}

void Port::reset() {
  auto fresh = make_platform(name_, options_, load_);
  const std::lock_guard lock(mutex_);
  platform_ = std::move(fresh);
  faults_ = {};
  journal_ = {};
  requests_.clear();
  previous_pages_.clear();
}

}  // namespace usher::sandbox
