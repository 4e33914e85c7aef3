#include "tests/support/world.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>

#include "state/store/connection.hpp"

namespace usher::test {

namespace {

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "usher-world-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder for a world");
  return name;
}

sandbox::Options played(const nlohmann::json& accounts, const std::string& kind,
                        const std::map<std::string, std::string>& switches) {
  sandbox::Options options;
  options.platforms = {kind};
  for (const auto& [name, value] : switches) options.switches.set(name, value);
  nlohmann::json world = accounts;
  if (accounts.is_array() && kind == "mainflux") {
    world = {
        {"users", accounts},
        {"groups",
         {{{"id", "g-engineers"}, {"name", "engineers"}}, {{"id", "g-operators"}, {"name", "operators"}}}}};
  }
  options.load = world.dump();
  return options;
}

}  // namespace

World::World(const nlohmann::json& accounts, const std::string& platform,
             const std::map<std::string, std::string>& switches)
    : kind_(platform), folder_(fresh_folder()), server_(played(accounts, platform, switches)) {
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

std::string World::connection() const {
  const nlohmann::json login = server_.login(kind_);
  const auto with = [&](const char* user, const char* password, const std::string& more) {
    return fmt::format("connector: {}, url: \"{}{}\", {}: {}, {}: {}{}", kind_, server_.url(kind_),
                       kind_ == "sigfox" ? "/v2" : "", user, login.at("identity").dump(), password,
                       login.at("secret").dump(), more);
  };
  if (kind_ == "gr4vy") return with("email", "password", "");
  if (kind_ == "kestra") return with("username", "password", "");
  if (kind_ == "sigfox") return with("login", "password", ", group: g-main, profile: p-guest");
  return with("identity", "secret", "");
}

void World::write_config() {
  std::ofstream(folder_ / "usher.yaml") << fmt::format(
      "version: 1\nstate: usher.db\nplatforms:\n  hr: {{connector: csv, path: people.csv{}}}\n"
      "  iot: {{{}{}}}\n{}",
      source_options_.empty() ? "" : ", " + source_options_, connection(),
      platform_options_.empty() ? "" : ", " + platform_options_, rules_);
}

void World::days_pass(int days) {
  // The clock of this machine stays as it is; what is remembered moves into the past instead.
  const auto state = (folder_ / "usher.db").string();
  Connection connection(state, Connection::Mode::write);
  connection.statement("update gone set since = strftime('%Y-%m-%dT%H:%M:%fZ', since, '-' || ?1 || ' days')")
      ->run(std::to_string(days));
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
  httplib::Client console("127.0.0.1", server_.port(kind_));
  const nlohmann::json login = server_.login(kind_);
  httplib::Request request;
  request.method = method;
  request.path = path;
  if (kind_ == "mainflux" || kind_ == "gr4vy") {
    const bool gr4vy = kind_ == "gr4vy";
    nlohmann::json credentials = login;
    if (gr4vy) credentials = {{"email_address", login["identity"]}, {"password", login["secret"]}};
    const auto issued = console.Post(gr4vy ? "/auth/sessions" : "/users/tokens/issue", credentials.dump(),
                                     "application/json");
    if (!issued) throw std::runtime_error("nobody answers the console");
    request.set_header("Authorization",
                       "Bearer " + nlohmann::json::parse(issued->body).at("access_token").get<std::string>());
  } else {
    request.headers.insert(httplib::make_basic_authentication_header(login["identity"].get<std::string>(),
                                                                     login["secret"].get<std::string>()));
  }
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
  const std::map<std::string, const char*> labels{{"mainflux", "/credentials/identity"},
                                                  {"gr4vy", "/email_address"},
                                                  {"kestra", "/email"},
                                                  {"sigfox", "/name"}};
  const nlohmann::json::json_pointer label(labels.at(kind_));
  nlohmann::json all = nlohmann::json::object();
  const nlohmann::json world = server_.world(kind_);
  for (const nlohmann::json& user : world.at("users")) {
    const std::string identity = user.at(label);
    if (identity != "admin@example.com" && identity != "usher") all[identity] = user;
  }
  return all;
}

nlohmann::json World::account(const std::string& identity) const {
  return accounts().value(identity, nlohmann::json());
}

std::size_t World::writes() const {
  return server_.journal(kind_).size();
}

}  // namespace usher::test
