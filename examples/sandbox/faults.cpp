#include "examples/sandbox/faults.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <stdexcept>

namespace usher::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

const std::set<std::string> known_keys{"platform",   "method",        "path",    "pattern", "query",
                                       "nth",        "count",         "every",   "note",  //
                                       "delay_ms",   "expire_tokens", "change",  "status",  "body",
                                       "headers",    "content_type",  "after",   "hold",    "twice",
                                       "late_ms",  //
                                       "cut",        "truncate",      "chunked", "garbage", "repeat_page",
                                       "total_plus", "drop_total",    "swallow",  //
                                       "set",        "remove"};

/// Edits of the JSON of a reply; anything else than an object is left alone.
void edit(Reply& reply, const json& rule, const std::string& previous) {
  ordered_json page = ordered_json::parse(reply.body, nullptr, false);
  if (!page.is_object()) return;
  const std::string items(reply.items);
  const bool has_items = !items.empty() && page.contains(items) && page[items].is_array();
  if (rule.contains("swallow") && has_items) {
    const auto at = rule["swallow"].get<std::size_t>();
    if (at < page[items].size()) page[items].erase(at);
  }
  if (rule.value("repeat_page", "") == "items" && has_items && !previous.empty())
    page[items] = ordered_json::parse(previous)[items];
  if (rule.contains("total_plus"))
    page["total"] = page.value("total", std::int64_t{0}) + rule["total_plus"].get<std::int64_t>();
  if (rule.value("drop_total", false)) page.erase("total");
  if (rule.contains("remove"))
    for (const json& pointer : rule["remove"]) {
      const ordered_json::json_pointer place(pointer.get<std::string>());
      if (page.contains(place) && !place.empty()) page[place.parent_pointer()].erase(place.back());
    }
  if (rule.contains("set"))
    for (const auto& [pointer, value] : rule["set"].items())
      page[ordered_json::json_pointer(pointer)] = ordered_json::parse(value.dump());
  reply.body = page.dump();
}

bool edits(const json& rule) {
  for (const char* key : {"swallow", "repeat_page", "total_plus", "drop_total", "remove", "set"})
    if (rule.contains(key)) return true;
  return false;
}

void check(const json& rule) {
  if (!rule.is_object()) throw std::invalid_argument("a rule is an object");
  for (const auto& [key, value] : rule.items())
    if (!known_keys.contains(key)) throw std::invalid_argument("unknown key \"" + key + "\"");
  const auto demand = [&rule](const char* key, bool fits, const char* what) {
    if (rule.contains(key) && !fits) throw std::invalid_argument(std::string("\"") + key + "\" is " + what);
  };
  const auto at = [&rule](const char* key) { return rule.value(key, json()); };
  const auto counts = [&at](const char* key, int least) {
    return at(key).is_number_integer() && at(key) >= least;
  };
  for (const char* key : {"platform", "path", "pattern", "content_type", "body"})
    demand(key, at(key).is_string(), "a string");
  const json method = at("method");
  demand("method",
         method.is_string() ||
             (method.is_array() &&
              std::all_of(method.begin(), method.end(), [](const json& one) { return one.is_string(); })),
         "a string or an array of them");
  for (const char* key : {"nth", "count", "every"}) demand(key, counts(key, 1), "a number above 0");
  for (const char* key : {"delay_ms", "late_ms", "truncate", "swallow"})
    demand(key, counts(key, 0), "a number, 0 or more");
  for (const char* key :
       {"after", "cut", "chunked", "garbage", "expire_tokens", "drop_total", "hold", "twice"})
    demand(key, at(key).is_boolean(), "true or false");
  for (const char* key : {"query", "headers", "change", "set"}) demand(key, at(key).is_object(), "an object");
  demand("status", counts("status", 200) && at("status") < 600, "200 to 599");
  demand("total_plus", at("total_plus").is_number_integer(), "a number");
  demand("remove", at("remove").is_array(), "an array of JSON pointers");
  demand("repeat_page", at("repeat_page") == "items" || at("repeat_page") == "body", "\"items\" or \"body\"");
}

}  // namespace

struct Fault::Rule {
  json text;
  std::optional<std::regex> pattern;
};

Fault::Fault(const json& rule) : rule_(std::make_unique<Rule>()) {
  check(rule);
  rule_->text = rule;
  try {
    if (rule.contains("pattern")) rule_->pattern.emplace(rule["pattern"].get<std::string>());
    if (rule.contains("set"))
      for (const auto& [pointer, value] : rule["set"].items()) json::json_pointer{pointer};
  } catch (const std::regex_error& error) {
    throw std::invalid_argument(std::string("\"pattern\" is no regular expression: ") + error.what());
  } catch (const json::exception& error) {
    throw std::invalid_argument(std::string("\"set\" names a place that is no JSON pointer: ") +
                                error.what());
  }
}

Fault::~Fault() = default;

bool Fault::takes(const std::string& platform, const Call& call) const {
  const json& rule = rule_->text;
  if (rule.value("platform", platform) != platform) return false;
  if (const auto method = rule.find("method"); method != rule.end()) {
    const auto named = [&call](const json& one) { return one == call.method; };
    if (method->is_array() ? std::none_of(method->begin(), method->end(), named) : !named(*method))
      return false;
  }
  if (const std::string path = rule.value("path", ""); !path.empty()) {
    const bool prefix = path.back() == '*';
    if (prefix ? call.path.compare(0, path.size() - 1, path, 0, path.size() - 1) != 0 : call.path != path)
      return false;
  }
  if (rule_->pattern && !std::regex_search(call.path, *rule_->pattern)) return false;
  if (!rule.contains("query")) return true;
  for (const auto& [name, value] : rule["query"].items())
    if (call.parameter(name) != (value.is_string() ? value.get<std::string>() : value.dump())) return false;
  return true;
}

bool Fault::counts() {
  const json& rule = rule_->text;
  ++seen_;
  const auto first = rule.value("nth", std::uint64_t{1});
  if (seen_ < first) return false;
  if (const auto every = rule.value("every", std::uint64_t{0}); every > 0)
    return (seen_ - first) % every == 0 && (seen_ - first) / every < rule.value("count", UINT64_MAX);
  const std::uint64_t count = rule.value("count", rule.contains("nth") ? std::uint64_t{1} : UINT64_MAX);
  return seen_ - first < count;
}

std::int64_t Fault::delay_ms() const {
  return rule_->text.value("delay_ms", std::int64_t{0});
}

bool Fault::holds_before() const {
  return rule_->text.value("hold", false) && !rule_->text.value("after", false);
}

bool Fault::holds_after() const {
  return rule_->text.value("hold", false) && rule_->text.value("after", false);
}

std::int64_t Fault::late_ms() const {
  return rule_->text.value("late_ms", std::int64_t{0});
}

bool Fault::repeats_call() const {
  return rule_->text.value("twice", false);
}

bool Fault::expires_tokens() const {
  return rule_->text.value("expire_tokens", false);
}

const json* Fault::change() const {
  const auto found = rule_->text.find("change");
  return found == rule_->text.end() ? nullptr : &*found;
}

bool Fault::in_place_of_the_platform() const {
  const json& rule = rule_->text;
  return !rule.value("after", false) && (rule.contains("status") || rule.value("cut", false));
}

bool Fault::repeats() const {
  return rule_->text.contains("repeat_page");
}

void Fault::spoil(Reply& reply, const std::string& previous) const {
  const json& rule = rule_->text;
  if (rule.value("repeat_page", "") == "body" && !previous.empty()) reply.body = previous;
  if (edits(rule)) edit(reply, rule, previous);
  if (rule.contains("status")) {
    reply.status = rule["status"].get<int>();
    reply.body = rule.value("body", "");
    reply.headers.clear();
  } else if (rule.contains("body")) {
    reply.body = rule["body"].get<std::string>();
  }
  if (rule.value("garbage", false)) reply.body = "<html>\xff{\"users\":[{\"id\":";
  if (rule.contains("content_type")) reply.content_type = rule["content_type"].get<std::string>();
  if (rule.contains("headers"))
    for (const auto& [name, value] : rule["headers"].items())
      reply.headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  if (rule.contains("truncate")) {
    reply.delivered = std::min(rule["truncate"].get<std::size_t>(), reply.body.size());
    reply.delivery = rule.value("chunked", false) ? Delivery::cut_chunk : Delivery::cut_length;
    if (reply.body.empty()) reply.delivery = Delivery::nothing;
  }
  if (rule.value("cut", false)) reply.delivery = Delivery::nothing;
}

FaultScript::FaultScript(const json& script) {
  const json& rules = script.is_object() && script.contains("faults") ? script["faults"] : script;
  if (!rules.is_array())
    throw std::invalid_argument("a fault script is an array of rules, or {\"faults\": [rules]}");
  for (std::size_t i = 0; i < rules.size(); ++i) try {
      faults_.push_back(std::make_shared<Fault>(rules[i]));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("fault rule " + std::to_string(i + 1) + ": " + error.what());
    }
}

bool FaultScript::repeats() const {
  for (const auto& fault : faults_)
    if (fault->repeats()) return true;
  return false;
}

std::shared_ptr<const Fault> FaultScript::next(const std::string& platform, const Call& call) {
  std::shared_ptr<const Fault> acting;
  for (const auto& fault : faults_)
    if (fault->takes(platform, call) && fault->counts() && !acting) acting = fault;
  return acting;
}

}  // namespace usher::sandbox
