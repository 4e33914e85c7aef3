#include "tests/conformance/connectors/subject.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "connectors/recipe/library.hpp"
#include "connectors/recipe/make.hpp"
#include "connectors/registry.hpp"

namespace usher {

namespace {

using nlohmann::json;

sandbox::Options options_of(const Subject& subject) {
  sandbox::Options options;
  options.platforms = {subject.platform};
  options.users = subject.platform == "sigfox" ? 400 : 60;  // those of one group are read
  for (const auto& [name, value] : subject.switches) options.switches.set(name, value);
  return options;
}

/// The Sigfox group with the most users, and a profile.
std::pair<std::string, std::string> group_and_profile(const json& world) {
  std::map<std::string, std::size_t> sizes;
  for (const json& user : world.at("users")) ++sizes[user.at("groupId")];
  const auto largest = std::max_element(sizes.begin(), sizes.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  return {largest->first, world.at("profiles").at(0).at("id")};
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Subject& subject) {
  return out << subject.name;
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all{
      {.name = "Mainflux", .platform = "mainflux", .users = "/users", .items = "users"},
      {.name = "Gr4vy", .platform = "gr4vy", .users = "/users", .items = "items", .counted = false},
      {.name = "Gr4vy2023",
       .platform = "gr4vy",
       .users = "/users",
       .items = "items",
       .counted = false,
       .switches = {{"gr4vy.api", "2023"}, {"gr4vy.email-field", "email_address"}},
       .options = {{"api", "2023"}}},
      {.name = "Kestra", .platform = "kestra", .users = "/api/v1/users", .items = "results"},
      {.name = "Kestra2",
       .platform = "kestra",
       .users = "/api/v1/users",
       .items = "results",
       .switches = {{"kestra.version", "2"},
                    {"kestra.page-cap", "7"},
                    {"kestra.omit-empty-results", "true"},
                    {"kestra.create-answers-nothing", "true"}}},
      {.name = "KestraSummary",
       .platform = "kestra",
       .users = "/api/v1/users",
       .items = "results",
       .options = {{"details", "summary"}}},
      {.name = "Sigfox", .platform = "sigfox", .users = "/v2/api-users/", .items = "data", .counted = false},
  };
  return all;
}

World::World(const Subject& played) : subject(played), server(options_of(played)) {
  const json login = server.login(subject.platform);
  options_ = subject.options;
  options_["url"] = server.url(subject.platform) + (subject.platform == "sigfox" ? "/v2" : "");
  const std::map<std::string, std::pair<std::string, std::string>> names{{"mainflux", {"identity", "secret"}},
                                                                         {"gr4vy", {"email", "password"}},
                                                                         {"kestra", {"username", "password"}},
                                                                         {"sigfox", {"login", "password"}}};
  const auto& [identity, secret] = names.at(subject.platform);
  options_[identity] = login.at("identity");
  options_[secret] = login.at("secret");
  if (subject.platform == "sigfox") {
    options_["rate"] = "0";
    std::tie(options_["group"], options_["profile"]) = group_and_profile(server.world("sigfox"));
  }
}

std::map<std::string, std::string> World::options() const {
  return options_;
}

std::unique_ptr<Connector> World::connect(std::map<std::string, std::string> more) {
  Settings settings;
  settings.platform = "there";
  settings.connector = subject.platform;
  settings.options["page-size"].text = "10";
  for (const auto& given : {options_, more}) {
    for (const auto& [name, value] : given) settings.options[name].text = value;
  }
  const auto recipe = recipe::find(subject.platform, {});
  auto made = recipe::make(recipe.value(), settings, clock);
  if (!made) throw std::runtime_error(made.error().front().message);
  return std::move(*made);
}

std::set<std::string> World::users() const {
  std::set<std::string> found;
  const auto group = options_.find("group");
  const json everything = server.world(subject.platform);
  for (const json& user : everything.at("users")) {
    if (group == options_.end() || user.at("groupId") == group->second) found.insert(user.at("id"));
  }
  return found;
}

std::size_t World::creates() const {
  const std::set<std::string> paths{"/users", "/api/v1/users", "/v2/api-users/"};
  std::size_t count = 0;
  for (const json& entry : server.journal(subject.platform))
    count += entry.at("method") == "POST" && paths.contains(entry.at("path").get<std::string>()) ? 1 : 0;
  return count;
}

std::set<std::string> ids(const Pulled& pulled) {
  std::set<std::string> found;
  for (const auto& [id, digest] : pulled.digests) found.insert(id);
  return found;
}

}  // namespace usher
