#include "connectors/redactor.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "connectors/http/url.hpp"
#include "connectors/text_views.hpp"
#include "state/model/base64.hpp"
#include "tests/unit/connectors/odd_api.hpp"

namespace usher {
namespace {

using nlohmann::json;

std::string lower_hex(std::string encoded) {
  for (std::size_t i = 0; i + 2 < encoded.size(); ++i) {
    if (encoded[i] != '%') continue;
    for (std::size_t at : {i + 1, i + 2}) encoded[at] = static_cast<char>(std::tolower(encoded[at]));
  }
  return encoded;
}

std::string in_json(const std::string& text) {
  const std::string quoted = json(text).dump();
  return quoted.substr(1, quoted.size() - 2);
}

/// The forms a platform may answer a secret in.
std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms{secret,
                                 http::encode(secret),
                                 lower_hex(http::encode(secret)),
                                 http::encode_path(secret),
                                 in_json(secret),
                                 in_json(in_json(secret)),
                                 in_json(http::encode(secret)),
                                 to_base64(secret),
                                 to_base64("x" + secret + "y"),
                                 to_base64("me:" + secret),
                                 http::encode(to_base64("me:" + secret)),
                                 to_base64(http::encode(secret))};
  std::string digits;
  for (const char c : secret) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  forms.push_back(std::move(digits));
  return forms;
}

rc::Gen<std::string> secrets() {
  return rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '\x7f')),
                           [](const std::string& text) { return text.size() >= 12 && text.size() <= 60; });
}

RC_GTEST_PROP(Redactor, FindsASecretInEveryForm, ()) {
  const std::string secret = *secrets();
  Redactor redactor;
  redactor.add(secret);
  for (const std::string& form : forms_of(secret)) {
    const std::string shown = redactor.clean("before " + form + " after");
    RC_ASSERT(shown.find(form) == std::string::npos);
    RC_ASSERT(shown.find("***") != std::string::npos);
    RC_ASSERT(shown.starts_with("before "));
    RC_ASSERT(shown.ends_with(" after"));
  }
}

RC_GTEST_PROP(Redactor, FindsWhatBeginsBeforeTheCut, ()) {
  const std::string secret = *secrets();
  Redactor redactor;
  redactor.add(secret);
  for (const std::string& form : forms_of(secret)) {
    const std::string before(static_cast<std::size_t>(*rc::gen::inRange(280, 300)), '.');
    const std::string shown = redactor.clean(before + form, 300);
    RC_ASSERT(shown == before + "***");
  }
}

TEST(RedactorTest, FindsASecretThatWasTakenForLatin1) {
  const std::string secret = "S3cr%t+/\"T\xC3\xB6k en\\x&=1234";
  Redactor redactor;
  redactor.add(secret);
  const std::string taken_for_latin1 = "S3cr%t+/\"T\xC3\x83\xC2\xB6k en\\x&=1234";
  std::vector<std::string> forms = forms_of(taken_for_latin1);
  forms.push_back(json(taken_for_latin1).dump(-1, ' ', true).substr(1));  // \u00c3\u00b6
  const std::string in_latin1 = "S3cr%t+/\"T\xF6k en\\x&=1234";
  for (const std::string& form : {in_latin1, http::encode(in_latin1), to_base64(in_latin1),
                                  to_base64("x" + in_latin1), to_base64("me" + in_latin1)})
    forms.push_back(form);
  for (const std::string& form : forms) EXPECT_EQ(redactor.clean("a " + form).substr(0, 5), "a ***") << form;
  Redactor of_euros;
  of_euros.add("pass\xE2\x82\xACword");  // Latin-1 has no euro
  EXPECT_EQ(of_euros.clean("pass\xE2\x82\xACword pass\xC3\xA2\xC2\x82\xC2\xACword"), "*** ***");
}

TEST(RedactorTest, ShortSecretsCountWhereTheyStandAlone) {
  Redactor redactor;
  redactor.add("abc");
  EXPECT_EQ(redactor.clean("pin abc, abcde, 'abc'"), "pin ***, abcde, '***'");
}

TEST(RedactorTest, KnowsThePartsOfAUrlAndOfAHeader) {
  Redactor redactor;
  redactor.add_url("https://bob:hunter22@hooks.example.com/services/T0001/B000x1234567?key=kkkk-1#f");
  redactor.add_authorization("Bearer opaque-7f3e9a1b");
  EXPECT_EQ(redactor.clean("GET /services/B000x1234567 for hooks.example.com: hunter22, kkkk-1"),
            "GET /services/*** for hooks.example.com: ***, ***");
  EXPECT_EQ(redactor.clean("got opaque-7f3e9a1b"), "got ***");
}

TEST(RedactorTest, KnowsHashesAndTokensByTheirShape) {
  const Redactor redactor;
  for (const std::string secret :
       {"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
        "$6$rounds=5000$saltsalt$WSr0rv1nKxQyHlVfB2jQF5Zb7Hc1Jd0sBTyC1GqLxMk",
        "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", "pbkdf2_sha256$260000$salt1234$aGFzaGhhc2hoYXNoaGFzaA==",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "xoxb-123456789012-abcdefGHIJKL", "AKIAIOSFODNN7EXAMPLE"}) {
    EXPECT_EQ(redactor.clean("bad value " + secret + " here"), "bad value *** here");
    EXPECT_EQ(redactor.clean("bad value " + http::encode(secret) + " here"), "bad value *** here");
  }
  EXPECT_EQ(redactor.clean("Authorization: Basic Ym9iOmh1bnRlcjI="), "Authorization: Basic ***");
  EXPECT_EQ(redactor.clean("Basic authentication failed for {SALES} group"),
            "Basic authentication failed for {SALES} group");
  EXPECT_EQ(redactor.clean("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x"),
            "*** x");
}

TEST(RedactorTest, ForgetsWhatOnlyPassedBy) {
  Redactor redactor;
  redactor.add("for-ever-secret");
  for (int i = 0; i < 1000; ++i) redactor.add_passing("first-secret-" + std::to_string(i) + "!");
  EXPECT_EQ(redactor.clean("first-secret-0! first-secret-999! for-ever-secret"), "first-secret-0! *** ***");
}

// Where a platform may put what it was given, and where usher shows something of it.
class SecretsAtEveryPlace : public OddApi {
 protected:
  static constexpr const char* recipe = R"(auth:
  session:
    login: {request: POST /login, form: {key: "{config.key}"}}
    token: token
user:
  attributes: {mail: {}}
  key: mail
  list: {request: GET /users, pages: none, query: {api_key: "{config.key}", all: "1"}}
  create: {request: POST /users, secret: password}
  get: {request: "GET /users/{account.id}"}
  disable: {request: "DELETE /users/{account.id}", query: {sig: "x-{config.key}"}}
)";
  void expect_clean(const Failure& failed, const std::string& secret) {
    const std::string told = describe(failed);
    for (const std::string& form : forms_of(secret)) EXPECT_EQ(told.find(form), std::string::npos) << told;
    EXPECT_EQ(told.find(secret.substr(0, 10)), std::string::npos) << told;
  }
};

TEST_F(SecretsAtEveryPlace, NoFailureHoldsOne) {
  const std::string key = "K3y/+of=\"us\\&~x";
  const std::string token = "opaque-session-7f3e9a1b2c4d";
  const std::string initial = "initial-secret-of-24-char";
  for (std::size_t form = 0; form < forms_of(key).size(); ++form) {
    for (const bool as_json : {true, false}) {
      for (const int status : {400, 302, 500}) {
        const std::string echo = std::string(285, 'x') + " " + forms_of(key)[form] + " " +
                                 forms_of(token)[form] + " " + forms_of(initial)[form];
        connector.reset();  // or the server would wait for its connection
        serve([&](const FakeApi::Call& call) {
          if (call.path == "/login") return FakeApi::Reply{.body = json{{"token", token}}.dump()};
          FakeApi::Reply reply{.status = status,
                               .body = as_json ? json{{"message", echo.substr(270)}}.dump() : echo};
          reply.headers["Location"] = "/login?next=" + http::encode(key);
          return reply;
        });
        connect(head + recipe, {{"key", key}, {"attempts", "1"}});
        EXPECT_EQ(pulled(), 0u);
        EXPECT_NE(failure.request.find("api_key=***&all=1"), std::string::npos) << failure.request;
        expect_clean(failure, key);
        expect_clean(failure, token);
        Operation create;
        create.kind = OperationKind::create;
        create.after = {{"mail", "a@x.example"}};
        const auto made = connector->apply(create, Secret(initial), {});
        ASSERT_FALSE(made);
        for (const std::string& secret : {key, token, initial}) expect_clean(made.error(), secret);
        const auto disabled = apply(OperationKind::disable);
        ASSERT_FALSE(disabled);
        EXPECT_NE(disabled.error().request.find("?sig=***"), std::string::npos) << disabled.error().request;
      }
    }
  }
}

TEST_F(SecretsAtEveryPlace, ALoginThatFailsShowsNothing) {
  const std::string key = "K3y/+of=\"us\\&~x";
  serve([&](const FakeApi::Call& call) {
    return FakeApi::Reply{.status = 400, .body = json{{"message", "bad form " + call.body}}.dump()};
  });
  connect(head + recipe, {{"key", key}});
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  expect_clean(failure, key);
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(api->calls().size(), 1u);  // a refused login is not tried again
}

TEST_F(SecretsAtEveryPlace, AHeaderThatCannotBeMadeIsTheError) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = R"({"token":"two\nlines"})"}; });
  connect(head + recipe, {{"key", "k"}});
  EXPECT_EQ(pulled(), 0u);
  EXPECT_NE(failure.message.find("the header Authorization cannot be made"), std::string::npos)
      << failure.message;
}

TEST_F(SecretsAtEveryPlace, OneThatIsNotUtf8IsRefusedByName) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{}; });
  try {
    connect(head + recipe, {{"key", "caf\xe9"}});
    FAIL() << "it was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("'key' is not UTF-8"), std::string::npos) << error.what();
  }
}

TEST(Redactor, CutsBetweenCharacters) {
  const std::string shown = Redactor().clean("ééé", 3);
  EXPECT_EQ(shown, "é");
}

TEST(RedactorTest, KeepsWhatASecretHasInCommonWithOneThatPassedBy) {
  Redactor redactor;
  const std::string stays = "correct horse battery";
  redactor.add(stays);
  redactor.add_passing(stays.substr(0, 9));  // "correct h": its base64 begins as that of the other
  redactor.add_passing("hunter2-a");
  redactor.add("hunter2-a");  // known for good from now on
  for (int i = 0; i < 300; ++i) redactor.add_passing("passing-" + std::to_string(i));
  EXPECT_EQ(redactor.clean("x hunter2-a y"), "x *** y");
  EXPECT_EQ(redactor.clean(to_base64(stays)), "***");
}

TEST(RedactorTest, KeepsAPartOfBase64ThatTwoSecretsShare) {
  Redactor redactor;
  redactor.add_passing("pass-one");
  const std::string shared = base64_cores("pass-one").front();
  redactor.add(shared);
  for (int i = 0; i < 300; ++i) redactor.add_passing("passing-" + std::to_string(i));
  EXPECT_EQ(redactor.clean("x " + shared + " y"), "x *** y");
}

TEST(RedactorTest, ALongTextTakesTimeInProportion) {
  std::string text = "x";
  for (int i = 0; i < 400'000; ++i) text += "AKIA";
  EXPECT_EQ(Redactor().clean(text), text) << "nothing stands alone";
}

}  // namespace
}  // namespace usher
