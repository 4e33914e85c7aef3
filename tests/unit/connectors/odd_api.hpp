#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/unit/connectors/fake_api.hpp"

// APIs that are in no recipe of ours: what docs/recipes.md promises can be said, and what is refused by
// itself.
namespace usher {

inline const std::string head = R"(
recipe: 1
name: odd
about: An API made up for a test
options:
  url: {type: url, required: true, about: Base}
  key: {type: secret, about: Key}
)";

inline std::string with_list(const std::string& list, const std::string& auth = "none") {
  return head + "auth: " + auth + "\nuser:\n  attributes: {mail: {}}\n  key: mail\n  list: " + list + "\n";
}

inline nlohmann::json user(int number) {
  return {{"id", std::to_string(number)}, {"mail", std::to_string(number) + "@x.example"}};
}

inline nlohmann::json users(int from, int count) {
  nlohmann::json all = nlohmann::json::array();
  for (int i = from; i < from + count; ++i) all.push_back(user(i));
  return all;
}

inline int number(const FakeApi::Call& call, const std::string& name, int otherwise) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? otherwise : std::stoi(found->second);
}

class OddApi : public testing::Test {
 protected:
  void serve(std::function<FakeApi::Reply(const FakeApi::Call&)> answer) {
    api = std::make_unique<FakeApi>(std::move(answer));
  }
  void connect(const std::string& recipe, std::map<std::string, std::string> options = {}) {
    options["url"] = api->url();
    connector = connector_of(recipe, options, clock);
  }
  std::size_t pulled() {
    const auto pages = all_pages(*connector);
    if (!pages) {
      failure = pages.error();
      return 0;
    }
    std::size_t count = 0;
    for (const Page& page : *pages) count += page.accounts.size();
    return count;
  }
  Outcome<Receipt> apply(OperationKind kind, const nlohmann::json& after = nlohmann::json::object(),
                         const std::string& route = "") {
    Operation operation;
    operation.kind = kind;
    operation.account = kind == OperationKind::create ? "" : "1";
    operation.after = after;
    operation.route = route;
    return carry_out(*connector, operation, Secret("initial"));
  }
  Outcome<Receipt> edge(OperationKind kind, const std::string& group,
                        const std::vector<std::string>& details = {}) {
    Operation operation;
    operation.kind = kind;
    operation.account = "1";
    operation.membership = {.account = "1", .kind = "group", .entitlement = group, .details = details};
    return connector->apply(operation, {}, {});
  }

  TestClock clock;
  std::unique_ptr<FakeApi> api;
  std::unique_ptr<Connector> connector;
  Failure failure;
};

}  // namespace usher
