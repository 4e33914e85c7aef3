// The loader of recipes and their published JSON Schema must agree: what the schema forbids the loader
// refuses, and where the loader refuses a form, so does the schema. Documents that use every key of the
// schema are changed in every place in many ways; the recipes that are built in, and those of the
// documentation, are right by both.

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "connectors/recipe/library.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "connectors/recipe/yaml.hpp"
#include "tests/support/json_schema_check.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using test::JsonSchema;

json document_of(const std::string& text) {
  Document document(text, "r.yaml");
  EXPECT_TRUE(document.mistakes().empty()) << text;
  return plain_json(document.root());
}

constexpr std::string_view session_recipe = R"(
recipe: 1
name: odd
about: Odd
documentation: https://odd.example/api
options:
  url: {type: url, required: true, about: Base, default: "http://x", choices: [a, b]}
http: {base: "{+config.url}", headers: {X-A: usher}, read-timeout: 30s, total-timeout: 90}
budget: {rate: 2.5, burst: 20, concurrency: 4}
secrets: {min: 8, max: 16, alphabet: abcdefghijklmnop}
auth:
  session:
    login: {request: POST /login, body: {a: config.url, "b?": null, c: [1, true]}, wrap: data}
    refresh: {request: POST /refresh, headers: {A: "{refresh_token}"}}
    token: t
    refresh-token: r
    expires-in: e
    life: 15m
    refresh-on: [401, 403]
    headers: {A: "{token}"}
errors:
  - {when: status == 503, is: unavailable, message: '"later"', wait: "1", any-status: true}
user:
  id: id
  key: mail
  label: mail
  active: {at: enabled, is: [true, "on"]}
  attributes:
    mail: {type: string, about: Mail, required: true, creatable: true, readable: true, clearable: false, unique: true,
           normalise: [trim, lower, nfc], max-length: 200, pattern: ".*", read: [mail, email], write: mail,
           write-as: value, empty: ""}
    admin: {type: boolean}
    pin: {secret: true, readable: false}
  list:
    request: GET /users
    query: {a: b}
    items: users
    items-optional: true
    object: node
    total: {request: GET /count, at: n}
    summary: true
    active: true
    pages: {by: cursor, parameter: after, size-parameter: n, size: 10, next: next, more: more, short-page-ends: true,
            empty-page-ends: true, proof: {none: rows}}
  get: {request: "GET /users/{account.id}", object: user}
  find: [{request: GET /users, query: {m: "{key}"}, items: ""}]
  self: {request: GET /me}
  create:
    request: POST /users
    set: {x: "1"}
    object: user
    id: id
    secret: password
    then: {request: "POST /users/{account.id}/on"}
    disabled: true
    gives: [group]
    session-proven-within: 1s
    lag: 5s
    expect: status == 201
    expect-message: no
  update:
    admin: {request: "PUT /users/{account.id}", attributes: [admin], replace: {only: [admin], without: [id]}}
    mail: {request: "PUT /users/{account.id}", attributes: mail, replace: true}
  enable: {request: "POST /users/{account.id}/on", form: {"a?": "1"}, errors: [{when: status == 409, is: already-so}]}
  disable: [{request: "POST /users/{account.id}/off"}]
  lock: {takes: [group], set: {admin: false}, steps: [{revoke: token}, {request: "POST /l/{account.id}"}], shows: {admin: true}}
  unlock: {rotate: password}
  delete: {request: "DELETE /users/{account.id}"}
  sees-everything: {request: GET /all}
  omits: [pending, disabled]
  permanent: false
  updates-need-active: true
entitlements:
  group:
    about: Groups
    list: {request: GET /groups, pages: {by: page, parameter: p, first: 1, page-count: pages, proof: twice}, only: {type: [a, b]},
           except: hidden, total-header: X-Total}
    id: id
    name: name
    scope: org
    memberships: {field: groups, entitlement: id, details: roles, id: edge, only: {a: b}, except: {c: [d]}}
    add: {request: "PUT /groups/{membership.entitlement}/{account.id}"}
    change: {request: "PATCH /groups/{membership.entitlement}/{account.id}"}
    remove: {request: "DELETE /groups/{membership.entitlement}/{account.id}"}
    add-before-remove: false
    allowed: {request: GET /may}
    keeps-last: true
    parallel: true
    details: [r, w]
    default-details: r
    closure: details
  role:
    memberships: {per: user, list: {request: "GET /u/{account.id}/roles", pages: none}, entitlement: id, account: user}
    set: {request: "PUT /u/{account.id}/roles", body: {ids: memberships}}
credentials:
  token:
    about: Tokens
    own: false
    holder: service account
    id: id
    name: label
    expires: until
    list: {request: "GET /users/{account.id}/tokens", pages: {by: next-link, next: links.next}}
    only: {kind: api}
    revoke: {request: "DELETE /tokens/{credential.id}"}
  password:
    rotate: [{request: POST /p, body: {p: account.id}}]
    answers: secret
leaving: [token]
)";

constexpr std::string_view plain_recipe = R"(
recipe: 1
name: odd
about: Odd
options:
  url: {about: Base}
  token: {about: Token}
auth:
  - {when: has(config.token), bearer: "{config.token}"}
  - {basic: {user: a, password: b}}
  - {headers: {X-Key: k}}
  - {oauth2: {token-path: /t, client-in: body, client-id: a, client-secret: b, scope: s, audience: c}}
  - {session: {login: {request: POST /l}, token-header: X-Token}}
  - none
user:
  key: mail
  active: {at: left, unless: yes}
  attributes: {mail: {}}
  list:
    - {request: GET /users, pages: {by: offset, parameter: skip, first: 0, proof: overlap}, total: n}
    - {request: GET /more, pages: {by: last-id, parameter: since}}
    - {request: GET /even-more, pages: {by: link-header, empty-page-ends: false}}
    - {request: GET /most, pages: {by: cursor, parameter: c, next-header: X-Next}}
    - {request: GET /none, pages: {by: none}}
  get: {request: "GET /users/{account.id}"}
  self: "17"
  create: {request: POST /users, form: {a: b}, answers: secret, ask: {request: GET /secret}}
  lock: [{request: "POST /l/{account.id}"}]
entitlements:
  group:
    list: {request: GET /groups, pages: none}
    memberships: {per: group, list: {request: "GET /g/{entitlement.id}", pages: none}, account: id,
                  of-user: {request: "GET /u/{account.id}/groups", pages: none, entitlement: id, details: d, id: e}}
    batch: {max: 100}
    add: {request: "POST /g/{membership.entitlement}", body: {ids: members}}
    remove: {request: "POST /g/{membership.entitlement}/remove", body: {ids: members}}
  team:
    memberships: {list: {request: GET /edges, pages: none}, account: a, entitlement: b}
)";

constexpr std::string_view variant_recipe = R"(
recipe: 1
name: odd
about: Odd
options:
  url: {about: Base}
  edition: {about: Edition, default: small}
auth: none
user:
  attributes: {mail: {}}
variants:
  - when: config.edition == "small"
    recipe: {user: {list: {request: GET /users, pages: none}}}
  - when: config.edition == "large"
    recipe: {user: {list: {request: GET /people, pages: none}, delete: {request: "DELETE /people/{account.id}"}}}
)";

class RecipeSchemaTest : public testing::Test {
 protected:
  RecipeSchemaTest() : schema_(json::parse(recipe_json_schema())) {}

  static std::string complaints(const json& value) {
    std::string all;
    if (const auto loaded = load(value.dump(1), "r.yaml"); !loaded)
      for (const Diagnostic& mistake : loaded.error()) all += mistake.message + "\n";
    return all;
  }

  /// The first line of what the loader says about the form of a document; empty: it says nothing of that.
  /// open: the document has variants.
  static std::string form_complaint(const std::string& complaints, bool open) {
    std::istringstream lines(complaints);
    for (std::string line; std::getline(lines, line);) {
      bool form = false, beyond = false;
      for (const char* part :
           {"must be ", " cannot be '", "unknown key '", " needs '", "auth is 'none' or one of",
            "needs list, rotate or", "only one of body", "'set' takes the place",
            "'set' is about one account", "either usher makes the first", "a request is written like",
            "an option's name is made", "every recipe already has", "no option can be called",
            "'revoke' or 'rotate', not both", "unlock makes no sense", "normalise knows", "a listing omits",
            "an expression must be a text"})
        form = form || line.find(part) != std::string::npos;
      // Where a position goes depends on the expressions of a call; what must be there for others is their
      // matter.
      for (const char* part :
           {"pages needs 'parameter'", "a summary needs 'get'", "session-proven-within needs 'self'",
            "membership.id needs 'id'", "is given twice"})
        beyond = beyond || line.find(part) != std::string::npos;
      // What a variant may bring, a schema cannot demand.
      for (const char* part : {" needs '", "auth is 'none' or one of"})
        beyond = beyond || (open && line.find(part) != std::string::npos);
      if (form && !beyond) return line;
    }
    return {};
  }

  /// known_empty: an empty text or list counts as none for the loader, which the schema of its value does not
  /// say.
  void expect_agreement(const json& value, const std::string& what, bool known_empty = false) {
    ++tried_;
    const std::string all = complaints(value);
    if (schema_.accepts(value)) {
      ++accepted_;
      if (!known_empty) {
        EXPECT_EQ(form_complaint(all, value.contains("variants")), "") << what << ": the schema accepts it";
      }
    } else {
      EXPECT_NE(all, "") << what << ": only the schema rejects it";
    }
  }

  void change_everywhere(const json& original, const json::json_pointer& at) {
    static const std::vector<json> replacements = {nullptr,
                                                   true,
                                                   "true",
                                                   -1,
                                                   2.5,
                                                   "7",
                                                   "",
                                                   "x",
                                                   "none",
                                                   json::array(),
                                                   json::array({"x"}),
                                                   json::object(),
                                                   {{"request", "GET /x"}},
                                                   {{"by", "page"}}};
    if (!at.empty()) {
      for (const json& replacement : replacements) {
        json changed = original;
        changed[at] = replacement;
        expect_agreement(changed, at.to_string() + " = " + replacement.dump(),
                         replacement == "" || replacement == json::array());
      }
    }
    if (original[at].is_object()) {
      for (const char* key :
           {"no-such", "request", "body", "items", "with space", "needs", "rate", "first", "set"}) {
        if (original[at].contains(key)) continue;
        json changed = original;
        changed[at][key] = "x";
        expect_agreement(changed, at.to_string() + " with " + key);
      }
      for (const auto& [key, member] : original[at].items()) {
        json changed = original;
        changed[at].erase(key);
        expect_agreement(changed, at.to_string() + " without " + key);
      }
    }
    if (original[at].is_structured())
      for (const auto& [key, member] : original[at].items())
        change_everywhere(original, original[at].is_array() ? at / std::stoul(key) : at / key);
  }

  JsonSchema schema_;
  int tried_ = 0;
  int accepted_ = 0;
};

TEST_F(RecipeSchemaTest, TakesWhatIsBuiltIn) {
  for (const std::string& name : names({}))
    EXPECT_TRUE(schema_.accepts(document_of(source(name, {})->text))) << name;
}

TEST_F(RecipeSchemaTest, AgreesWithTheLoaderAboutEveryChangeOfADocument) {
  for (const std::string_view text : {session_recipe, plain_recipe, variant_recipe}) {
    const json document = document_of(std::string(text));
    ASSERT_EQ(complaints(document), "");
    ASSERT_TRUE(schema_.accepts(document)) << text;
    change_everywhere(document, json::json_pointer());
  }
  EXPECT_GT(accepted_, 1000);
  EXPECT_GT(tried_ - accepted_, 3000);
}

/// The names of all properties, so that the documents above cannot miss one.
void collect(const json& schema, std::set<std::string>& names) {
  if (schema.is_object() && schema.contains("properties") && schema["properties"].is_object())
    for (const auto& [name, member] : schema["properties"].items())
      if (!member.is_boolean()) names.insert(name);
  if (schema.is_structured())
    for (const auto& [key, member] : schema.items()) collect(member, names);
}
void collect_keys(const json& value, std::set<std::string>& names) {
  if (value.is_object())
    for (const auto& [key, member] : value.items()) names.insert(key);
  if (value.is_structured())
    for (const auto& [key, member] : value.items()) collect_keys(member, names);
}

TEST_F(RecipeSchemaTest, TheDocumentsUseEveryKeyAndEveryKeyIsToldAndDocumented) {
  std::set<std::string> known, used;
  collect(schema_.root(), known);
  for (const std::string_view text : {session_recipe, plain_recipe, variant_recipe})
    collect_keys(document_of(std::string(text)), used);
  EXPECT_GT(known.size(), 120U);
  std::ifstream file(USHER_SOURCE_DIR "/docs/recipes.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  for (const std::string& name : known) {
    EXPECT_TRUE(used.contains(name)) << name;
    EXPECT_TRUE(page.find("`" + name + "`") != std::string::npos ||
                page.find(name + ":") != std::string::npos)
        << "docs/recipes.md lacks " << name;
  }
  const std::function<void(const json&)> walk = [&](const json& schema) {
    if (schema.is_object() && schema.contains("properties") && schema["properties"].is_object()) {
      for (const auto& [name, member] : schema["properties"].items()) {
        if (member.is_object() &&
            !(member.contains("type") && member["type"] == "object" && member.size() > 6)) {
          EXPECT_TRUE(member.contains("description")) << name;
        }
      }
    }
    if (schema.is_structured())
      for (const auto& [key, member] : schema.items()) walk(member);
  };
  walk(schema_.root()["$defs"]["recipe"]);
  walk(schema_.root()["$defs"]["call"]);
  walk(schema_.root()["$defs"]["listing"]);
}

}  // namespace
}  // namespace usher::recipe
