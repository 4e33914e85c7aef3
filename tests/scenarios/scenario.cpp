#include "tests/scenarios/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "tests/support/yaml_json.hpp"

namespace usher::test {

namespace {

using nlohmann::json;

void allow_only(const json& object, const std::set<std::string>& keys, const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    if (keys.count(key) == 0) throw std::runtime_error(fmt::format("{}: unknown key '{}'", where, key));
  }
}

void check_step(const json& step, const std::string& platform, const std::string& where) {
  allow_only(step,
             {"about", "platform", "switches", "options", "given", "groups", "then", "people", "rules",
              "source", "faults", "change", "by-hand", "days-pass", "expect"},
             where);
  const json& expect = step.at("expect");
  allow_only(
      expect,
      {"exit", "says", "plan", "because", "notes", "objections", "unsealed", "troubles", "world", "stays"},
      where + ", expect");
  allow_only(expect.value("stays", json::object()), {"plan", "notes"}, where + ", stays");
  const json world = expect.value("world", json::object());
  if (platform != "mainflux") return;
  for (const auto& [identity, fields] : world.items()) {
    allow_only(fields, {"id", "name", "status", "tags", "metadata", "groups"}, where + ", " + identity);
  }
}

/// The Mainflux world of `given` (identity -> fields) and `groups` (id -> name).
json world_of(const json& root) {
  json world = {{"users", json::array()}, {"groups", json::array()}, {"policies", json::array()}};
  const json groups = root.value("groups", json{{"g-engineers", "engineers"}, {"g-operators", "operators"}});
  for (const auto& [id, name] : groups.items()) world["groups"].push_back({{"id", id}, {"name", name}});
  const json given = root.value("given", json::object());
  for (const auto& [identity, fields] : given.items()) {
    json user = fields;
    if (!user.contains("id")) user["id"] = "u-" + identity;
    user["credentials"]["identity"] = identity;
    const json joined = user.value("groups", json::object());
    for (const auto& [group, actions] : joined.items()) {
      world["policies"].push_back({{"subject", user["id"]}, {"object", group}, {"actions", actions}});
    }
    user.erase("groups");
    world["users"].push_back(std::move(user));
  }
  return world;
}

/// A world of another platform: `given` are its own user objects, by what a person is known by there.
json other_world_of(const json& root, const std::string& platform) {
  const std::map<std::string, const char*> labels{
      {"gr4vy", "email_address"}, {"kestra", "email"}, {"sigfox", "name"}};
  json world = {{"users", json::array()}};
  const json given = root.value("given", json::object());
  for (const auto& [label, fields] : given.items()) {
    json user = fields;
    if (!user.contains("id")) user["id"] = "u-" + label;
    user[labels.at(platform)] = label;
    world["users"].push_back(std::move(user));
  }
  if (platform == "kestra") {
    world["groups"] = {{{"id", "g-engineers"}, {"name", "engineers"}},
                       {{"id", "g-operators"}, {"name", "operators"}}};
  }
  if (platform == "sigfox") {
    world["groups"] = {{{"id", "g-main"}, {"name", "main"}}};
    for (const char* name : {"guest", "devices", "usher"}) {
      world["profiles"].push_back({{"id", std::string("p-") + name}, {"name", name}, {"groupId", "g-main"}});
    }
  }
  return world;
}

}  // namespace

Scenario read_scenario(const std::filesystem::path& file) {
  const json root = json_of(YAML::LoadFile(file.string()));
  const std::string name = file.filename().string();
  if (root.value("about", "").empty()) throw std::runtime_error(name + ": says not what it is about");
  const std::string platform = root.value("platform", "mainflux");
  Scenario scenario{file.stem().string(),
                    platform,
                    {},
                    platform == "mainflux" ? world_of(root) : other_world_of(root, platform),
                    {root}};
  const json switches = root.value("switches", json::object());
  for (const auto& [key, value] : switches.items())
    scenario.switches[key] = value.is_string() ? value.get<std::string>() : value.dump();
  for (const json& step : root.value("then", json::array())) scenario.steps.push_back(step);
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    check_step(scenario.steps[i], platform, fmt::format("{}, step {}", name, i + 1));
  }
  return scenario;
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scenario_file("").parent_path())) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path scenario_file(const std::string& name) {
  return std::filesystem::path(USHER_SOURCE_DIR) / "tests/scenarios/cases" / (name + ".yaml");
}

}  // namespace usher::test
