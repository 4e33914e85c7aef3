#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/recipe/library.hpp"
#include "connectors/registry.hpp"

namespace usher::recipe {
namespace {

std::vector<std::string> mistakes_of(const std::string& text) {
  std::vector<std::string> result;
  if (const auto loaded = load(text, "r.yaml"); !loaded) {
    for (const Diagnostic& mistake : loaded.error())
      result.push_back(mistake.place.to_string() + ": " + mistake.message);
  }
  return result;
}

TEST(RecipeLoading, AllThatAreBuiltInLoad) {
  for (const std::string& name : names({})) {
    const auto loaded = find(name, {});
    EXPECT_TRUE(loaded) << name << ": " << loaded.error().front().place.to_string() << ": "
                        << loaded.error().front().message;
    if (loaded) {
      EXPECT_EQ((*loaded)->name, name);
    }
  }
  EXPECT_EQ(names({}).size(), 4u);
  EXPECT_EQ(*find("../etc/passwd", {}), nullptr);
  EXPECT_EQ(*find("nothing-of-the-kind", {}), nullptr);
}

TEST(RecipeLoading, EveryMistakeAtOnceAndWhere) {
  EXPECT_THAT(
      mistakes_of(R"(recipe: 1
name: odd
about: Odd
optoins: {}
options:
  url: {type: url, about: Base}
  secret: {type: secrt, about: Secret}
auth:
  bearer: "{config.tokn}"
user:
  attributes:
    mail: {type: string, normalise: [upper]}
    mail.inner: {}
  key: mial
  list:
    request: FETCH /users
    pages: {by: cursr}
  create:
    request: POST /users
    set:
      status: 'active ? "on" : '
  update:
    profile: {request: "PATCH /u/{account.id}", attributes: [nmae]}
  enable:
    request: POST /users/{account.id}/enable
    errors: [{when: status == 500, is: perhaps}]
    query: {q: "{secret}"}
  enable: {}
)"),
      testing::ElementsAre(
          testing::StartsWith("r.yaml:4:1: unknown key 'optoins' in the recipe; did you mean 'options'?"),
          testing::StartsWith("r.yaml:7:18: 'type' cannot be 'secrt'; did you mean 'secret'?"),
          testing::StartsWith("r.yaml:9:"), testing::StartsWith("r.yaml:12:"),
          testing::StartsWith("r.yaml:12:"),
          testing::StartsWith("r.yaml:14:8: 'mial' is no attribute; did you mean 'mail'?"),
          testing::StartsWith("r.yaml:16:14: a request is written like"),
          testing::StartsWith("r.yaml:17:17: 'by' cannot be 'cursr'; did you mean 'cursor'?"),
          testing::StartsWith("r.yaml:21:"), testing::StartsWith("r.yaml:23:"),
          testing::StartsWith("r.yaml:26:40: 'is' cannot be 'perhaps'"),
          testing::StartsWith("r.yaml:27:18: 'secret' has no value here"),
          testing::StartsWith("r.yaml:28:3: 'enable' is given twice, first at line")));
}

TEST(RecipeLoading, AnythingIsAnswered) {
  for (const char* text :
       {"", "[]", "x", "recipe: 2", "{", "recipe: 1\nuser: []", "a: &a [*a]", "- - -", "\xff\xfe",
        "recipe: 1\nname: x\nabout: x\nauth: [[]]\nuser: {list: [[]], attributes: []}",
        "recipe: 1\noptions: {a: []}\nentitlements: {g: {memberships: []}}\nvariants: [1]"}) {
    EXPECT_FALSE(mistakes_of(text).empty()) << text;
  }
}

TEST(RecipeLoading, VariantsAreCheckedEvenIfTheyDoNotCount) {
  const std::string text = R"(recipe: 1
name: odd
about: Odd
options:
  url: {type: url, about: Base}
  api: {type: string, default: old, about: Which}
auth: none
user: {attributes: {mail: {}}, list: {request: GET /u, pages: none}}
variants:
  - when: config.api == "new"
    recipe: {user: {delete: {request: "DELETE /u/{account.idd}"}}}
)";
  EXPECT_THAT(mistakes_of(text), testing::ElementsAre(testing::StartsWith("r.yaml:11:")));
}

TEST(RecipeLoading, LocksAndCredentialsNameOnlyWhatThereIs) {
  EXPECT_THAT(mistakes_of(R"(recipe: 1
name: odd
about: Odd
options: {url: {type: url, about: Base}}
auth: none
user:
  attributes: {mail: {}, admin: {type: boolean}}
  list: {request: GET /u, pages: none}
  create: {request: POST /u, gives: [grup], secret: password, answers: token}
  lock:
    takes: [group]
    set: {admin: false, nobody: 1}
    steps: [{revoke: tokn}, {rotate: token}]
  unlock: {request: "POST /u/{credential.id}"}
credentials:
  token: {revoke: {request: "DELETE /t/{credential.id}"}}
  nothing: {about: Nothing}
  both: {rotate: {request: PUT /p, body: {p: secret}}, answers: p}
leaving: [sessions, both]
)"),
              testing::UnorderedElementsAre(
                  testing::StartsWith("r.yaml:9:11: either usher makes the first secret"),
                  testing::StartsWith("r.yaml:9:11: there is no entitlement 'grup'"),
                  testing::StartsWith("r.yaml:11:5: there is no entitlement 'group'"),
                  testing::StartsWith("r.yaml:12:10: no update route writes 'admin'"),
                  testing::StartsWith("r.yaml:12:25: 'nobody' is no attribute"),
                  testing::StartsWith("r.yaml:11:5: there is no credential 'tokn'"),
                  testing::StartsWith("r.yaml:11:5: credential 'token' has no 'rotate'"),
                  testing::StartsWith("r.yaml:14:"), testing::StartsWith("r.yaml:16:"),
                  testing::StartsWith("r.yaml:17:12: credentials.nothing needs list, rotate or revoke"),
                  testing::StartsWith("r.yaml:18:9: either usher makes the secret"),
                  testing::StartsWith("r.yaml:19:10: there is no credential 'sessions'"),
                  testing::StartsWith("r.yaml:19:10: credential 'both' has no 'revoke'")));
}

TEST(Registry, KnowsItsKindsAndSaysWhatIsWrong) {
  const auto kinds = connector_kinds({});
  EXPECT_TRUE(std::is_sorted(kinds.begin(), kinds.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const auto kind = find_connector_kind("mainflux", {});
  ASSERT_TRUE(kind);
  EXPECT_TRUE(kind->target);
  EXPECT_FALSE(find_connector_kind("nobody", {}));
  Settings settings;
  settings.platform = "iot";
  settings.connector = "mainflux";
  settings.options["url"].text = "nonsense";
  settings.options["identiy"].text = "x";
  settings.options["rate"].text = "many";
  const auto made = make_connector(settings, {});
  ASSERT_FALSE(made);
  std::string all;
  for (const Diagnostic& mistake : made.error()) all += mistake.message + "\n";
  EXPECT_THAT(
      all, testing::HasSubstr("unknown option 'identiy' of connector 'mainflux'; did you mean 'identity'?"));
  EXPECT_THAT(all, testing::HasSubstr("platform 'iot' needs 'identity'"));
  EXPECT_THAT(all, testing::HasSubstr("platform 'iot' needs 'secret'"));
  EXPECT_THAT(all, testing::HasSubstr("'nonsense' is not a URL"));
  EXPECT_THAT(all, testing::HasSubstr("'rate' 'many' must be a whole number"));
}

}  // namespace
}  // namespace usher::recipe
