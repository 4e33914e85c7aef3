#include "examples/sandbox/port.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr std::string_view control_root = "/__sandbox/";
constexpr const char* endpoints =
    "GET world, journal, requests, calls, secrets, held or login; POST faults, change, switches, calls, "
    "release, clock or reset under /__sandbox/";

Reply refusal(int status, const std::string& message) {
  return json_reply(status, {{"message", message}});
}

}  // namespace

Port::Port(std::string name, int port, const Options& options, const json* load)
    : name_(std::move(name)), options_(options), load_(load) {
  options_.load.reset();  // `load` is its part of it
  platform_ = make_platform(name_, options_, load_);
  listener_ =
      std::make_unique<Listener>(options_.host, port, [this](const Call& call) { return answer(call); });
}

void Port::stop() {
  release(true);
  listener_->stop();
}

Reply Port::answer(const Call& call) {
  if (call.path.starts_with(control_root)) return control(call);
  const auto wait = [](std::int64_t ms) {
    if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  };
  Reply dropped;
  dropped.delivery = Delivery::nothing;
  if (!pass(false)) return dropped;
  std::shared_ptr<const Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    if (notes_calls_) note(call);
    if (!faults_.empty()) fault = faults_.next(name_, call);
  }
  if (fault) wait(fault->delay_ms());
  if (fault && fault->holds_before() && !pass(true)) return dropped;
  Reply reply;
  std::shared_ptr<Platform> served;
  try {
    const std::lock_guard lock(mutex_);
    served = platform_;
    reply = serve(call, fault);
  } catch (const std::exception& error) {
    return refusal(500, std::string("defect of the sandbox: ") + error.what());
  }
  wait(reply.delay_ms + (fault ? fault->late_ms() : 0));
  if (reply.late) {
    const std::lock_guard lock(mutex_);
    reply.late();
  }
  return fault && fault->holds_after() && !pass(true) ? dropped : reply;
}

bool Port::pass(bool self) {
  std::unique_lock lock(mutex_);
  if (self) ++held_;
  if (held_ == 0) return true;
  hold_changed_.notify_all();
  const std::uint64_t before = releases_;
  hold_changed_.wait(lock, [&] { return releases_ != before; });
  return !release_cuts_;
}

void Port::release(bool cut) {
  const std::lock_guard lock(mutex_);
  ++releases_;
  release_cuts_ = cut;
  held_ = 0;
  hold_changed_.notify_all();
}

std::size_t Port::held(std::int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  hold_changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return held_ > 0; });
  return held_;
}

void Port::note(const Call& call) {
  calls_.emplace_back(call.method, call.target);
}

Reply Port::serve(const Call& call, const std::shared_ptr<const Fault>& fault) {
  if (fault && fault->expires_tokens()) platform_->expire_tokens();
  if (fault && fault->change() != nullptr) platform_->change(*fault->change());
  Reply reply;
  if (fault && fault->in_place_of_the_platform())
    reply.route = "(fault)";
  else
    reply = platform_->serve(call);
  if (fault && fault->repeats_call()) {
    if (!reply.effect.empty()) journal_.add(call, reply);
    reply = platform_->serve(call);
  }
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
    if (call.method == "GET") return control_get(what, call);
    if (call.method == "POST") return control_post(what, call);
  } catch (const json::exception& error) {
    return refusal(400, std::string("no such JSON is expected here: ") + error.what());
  } catch (const std::exception& error) {
    return refusal(400, error.what());
  }
  return refusal(404, endpoints);
}

Reply Port::control_get(const std::string& what, const Call& call) {
  if (what == "world") return json_reply(200, world());
  if (what == "journal") return json_reply(200, journal());
  if (what == "requests") return json_reply(200, requests());
  if (what == "login") return json_reply(200, login());
  if (what == "held") return json_reply(200, {{"held", held(std::stoll(call.parameter("wait_ms", "0")))}});
  const std::lock_guard lock(mutex_);
  if (what == "calls") return json_reply(200, calls_);
  if (what == "secrets") return json_reply(200, platform_->secrets());
  return refusal(404, endpoints);
}

Reply Port::control_post(const std::string& what, const Call& call) {
  const json body = call.body.empty() ? json::object() : json::parse(call.body);
  if (what == "reset") {
    reset();
  } else if (what == "faults") {
    set_faults(body);
  } else if (what == "change") {
    change(body);
  } else if (what == "clock") {
    advance(body.at("advance_seconds").get<std::int64_t>());
  } else if (what == "switches") {
    set_switches(body);
  } else if (what == "release") {
    release(body.value("cut", false));
  } else if (what == "calls") {
    const std::lock_guard lock(mutex_);
    notes_calls_ = true;
    calls_.clear();
  } else {
    return refusal(404, endpoints);
  }
  return empty_reply(204);
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

void Port::set_switches(const json& moved) {
  const std::lock_guard lock(mutex_);
  Switches next = options_.switches;
  for (const auto& [name, value] : moved.items())
    next.set(name, value.is_string() ? value.get<std::string>() : value.dump());
  options_.switches = std::move(next);
}

void Port::reset() {
  const std::lock_guard lock(mutex_);
  auto fresh = make_platform(name_, options_, load_);
  platform_ = std::move(fresh);
  faults_ = {};
  journal_ = {};
  requests_.clear();
  previous_pages_.clear();
}

}  // namespace usher::sandbox
