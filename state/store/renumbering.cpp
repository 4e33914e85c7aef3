#include "state/store/renumbering.hpp"

#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/rows.hpp"

namespace usher {

namespace {

struct Platform {
  PlatformId id{};
  std::string name;
};

std::vector<Platform> platforms(Connection& connection) {
  std::vector<Platform> all;
  Statement select = connection.prepare("select id, name from platform order by name");
  while (select.step())
    all.push_back({static_cast<PlatformId>(select.integer(0)), std::string(select.text(1))});
  return all;
}

}  // namespace

void hand_on(Database& database, PlatformId platform, const std::string& from, const std::string& to,
             const std::string& at) {
  Connection& connection = database.connection();
  Links(connection).end(platform, from, passed_on, at);
  Lifecycle(connection).forget_gone(platform, from);
  connection
      .statement(
          "delete from claim where platform = ?1 and person = ?3 and attribute in"
          " (select attribute from claim where platform = ?1 and person = ?2)")
      ->run(number(platform), from, to);
  connection.statement("update claim set person = ?3 where platform = ?1 and person = ?2")
      ->run(number(platform), from, to);
  OffboardedPeople(connection).renumber(from, to);
  database.forget_fact("desired");
}

std::vector<HandedOn> accounts_to_hand_on(Database& database, const std::string& from,
                                          const std::string& to) {
  std::vector<HandedOn> accounts;
  Links links(database.connection());
  for (const Platform& platform : platforms(database.connection())) {
    const auto link = links.of_person(platform.id, from);
    if (!link) continue;
    accounts.push_back({platform.name, link->account, links.of_person(platform.id, to).has_value()});
  }
  return accounts;
}

void renumber(Database& database, const std::string& from, const std::string& to, const std::string& at) {
  Links links(database.connection());
  for (const Platform& platform : platforms(database.connection())) {
    auto link = links.of_person(platform.id, from);
    if (!link) continue;
    hand_on(database, platform.id, from, to, at);
    link->person = to;
    link->how = {LinkOrigin::Kind::was, from};
    link->since = at;
    links.put(platform.id, std::vector<Link>{*link});
  }
}

}  // namespace usher
