#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

// Ten different mistakes, one a line; the comment says what a person must be told at that line.
constexpr const char* configuration = R"(version: 1
state: usher.db
platforms:
  hr: {connector: csv, path: people.csv}
  iot: {connector: mainflux, url: "http://127.0.0.1:1", identity: a@b.c, secret: x}
tables: {sites: {ber: Berlin}}
people:
  from: hr
  key: record.employee_id
  attributes:
    mail: record.email.lowercase()
    name: record.first + + record.last
    site: lookup("stes", record.site)
    level: '1 + "one"'
    start: date(record.start).addDays("5")
    clean: record.name.matches("([")
    nickname: record.nick
  active: '"yes"'
accounts:
  iot:
    who: persn.site == "Berlin"
    set:
      credentials.identity: person.nickname
      name: person.nickame
      tags: size(person.nickname)
)";

TEST(ExpressionMistakes, TenOfThemAreTenLocatedErrorsOfOneValidate) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("ten-mistakes-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "usher.yaml").string();
  std::ofstream(file) << configuration;
  const auto result = Shell{}.run({"validate", "-c", file});
  EXPECT_EQ(result.code, ExitCode::configuration_invalid);
  for (const char* place :
       {"usher.yaml:11:", "usher.yaml:12:", "usher.yaml:13:", "usher.yaml:14:", "usher.yaml:15:",
        "usher.yaml:16:", "usher.yaml:18:", "usher.yaml:21:", "usher.yaml:24:", "usher.yaml:25:"})
    EXPECT_NE(result.out.find(place), std::string::npos) << place << " in\n" << result.out;
  EXPECT_NE(result.out.find("did you mean 'nickname'"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("10 mistakes"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" 24 |       name: person.nickame\n    |                    ^"),
            std::string::npos)
      << result.out;
}

}  // namespace
}  // namespace usher
