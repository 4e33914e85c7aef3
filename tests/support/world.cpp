#include "tests/support/world.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>

namespace usher::test {

namespace {

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "usher-world-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder for a world");
  return name;
}

sandbox::Options played(const nlohmann::json& accounts) {
  sandbox::Options options;
  options.platforms = {"mainflux"};
  nlohmann::json world = accounts;
  if (accounts.is_array()) {
    world = {
        {"users", accounts},
        {"groups",
         {{{"id", "g-engineers"}, {"name", "engineers"}}, {{"id", "g-operators"}, {"name", "operators"}}}}};
  }
  options.load = world.dump();
  return options;
}

}  // namespace

World::World(const nlohmann::json& accounts) : folder_(fresh_folder()), server_(played(accounts)) {
  people("");
}

World::~World() {
  server_.stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::people(const std::string& rows) {
  std::ofstream(folder_ / "people.csv") << "employee_id,first,last,email,department,status\n" << rows;
}

void World::rules(const std::string& yaml) {
  rules_ = yaml;
}

std::string World::standard_rules() {
  return R"(
people:
  from: hr
  key: record.employee_id
  attributes:
    mail: record.email.lowerAscii()
    name: record.first + " " + record.last
    department: record.department
  active: record.status == "active"

accounts:
  iot:
    who: person.department in ["engineering", "operations"]
    match: [{account: credentials.identity, person: person.mail, fold: case}]
    set:
      credentials.identity: person.mail
      name: person.name
      tags: [person.department]
    groups:
      - {group: engineers, when: person.department == "engineering", actions: [m_read]}
    leavers: {disable: now, delete: never}
    guards: {removals: {percent: 50, at-least: 5}}
)";
}

void World::write_config() {
  std::ofstream(folder_ / "usher.yaml") << fmt::format(
      "version: 1\nstate: usher.db\nplatforms:\n  hr: {{connector: csv, path: people.csv{}}}\n"
      "  iot: {{connector: mainflux, url: \"{}\", identity: admin@example.com, secret: \"12345678\"{}}}\n{}",
      source_options_.empty() ? "" : ", " + source_options_, server_.url("mainflux"),
      platform_options_.empty() ? "" : ", " + platform_options_, rules_);
}

CommonOptions World::options(unsigned threads) {
  write_config();
  CommonOptions options;
  options.config = folder_ / "usher.yaml";
  options.threads = threads;
  return options;
}

std::vector<PullReport> World::pull() {
  NoProgress progress;
  return Session(options(), progress, {}).pull({}, Refresh::all);
}

Plan World::plan(Refresh refresh, unsigned threads) {
  NoProgress progress;
  Session session(options(threads), progress, {});
  session.pull({}, refresh);
  return session.plan();
}

ApplyReport World::apply(const Plan& plan, std::stop_token stop) {
  NoProgress progress;
  return Session(options(), progress, std::move(stop)).apply(plan);
}

World::Sync World::sync() {
  NoProgress progress;
  Session session(options(), progress, {});
  Sync sync;
  sync.pulls = session.pull({}, Refresh::all);
  sync.plan = session.plan();
  sync.report = session.apply(sync.plan);
  return sync;
}

void World::by_hand(const std::string& method, const std::string& path, const nlohmann::json& body) {
  httplib::Client console("127.0.0.1", server_.port("mainflux"));
  const nlohmann::json login = server_.login("mainflux");
  const auto issued = console.Post("/users/tokens/issue", login.dump(), "application/json");
  if (!issued) throw std::runtime_error("nobody answers the console");
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.set_header("Authorization",
                     "Bearer " + nlohmann::json::parse(issued->body).at("access_token").get<std::string>());
  if (!body.is_null()) {
    request.set_header("Content-Type", "application/json");
    request.body = body.dump();
  }
  const auto answer = console.send(request);
  if (!answer || answer->status >= 300) {
    throw std::runtime_error(
        fmt::format("{} {} by hand was refused: {}", method, path, answer ? answer->body : "no answer"));
  }
}

nlohmann::json World::accounts() const {
  nlohmann::json all = nlohmann::json::object();
  const nlohmann::json world = server_.world("mainflux");
  for (const nlohmann::json& user : world.at("users")) {
    const std::string identity = user.at("credentials").at("identity");
    if (identity != "admin@example.com") all[identity] = user;
  }
  return all;
}

nlohmann::json World::account(const std::string& identity) const {
  return accounts().value(identity, nlohmann::json());
}

std::size_t World::writes() const {
  return server_.journal("mainflux").size();
}

}  // namespace usher::test
