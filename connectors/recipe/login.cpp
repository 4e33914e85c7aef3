#include "connectors/recipe/login.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "connectors/json_repair.hpp"
#include "connectors/member_twice.hpp"
#include "state/model/json_text.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

void collect(const TextTemplate& text, std::set<std::string>& options) {
  for (const TextTemplate::Piece& piece : text.pieces()) {
    if (!piece.expression) continue;
    for (std::string name : piece.expression->program().fields("config")) options.insert(std::move(name));
  }
}

void collect(const BodyTemplate& tree, std::set<std::string>& options) {
  if (tree.leaf) {
    for (std::string name : tree.leaf->program().fields("config")) options.insert(std::move(name));
  }
  for (const BodyTemplate::Member& member : tree.members) collect(member.value, options);
}

// The options a method proves itself with, for a message that says what to check: "identity and secret".
std::string what_to_check(const AuthRecipe& method) {
  std::set<std::string> options;
  collect(method.user, options);
  collect(method.password, options);
  for (const auto& [name, text] : method.headers) collect(text, options);
  if (method.login) {
    for (const auto& [name, text] : method.login->form) collect(text, options);
    if (method.login->body) collect(*method.login->body, options);
  }
  std::string names;
  for (std::string name : options) {
    for (char& c : name) c = c == '_' ? '-' : c;
    names += (names.empty() ? "" : " and ") + name;
  }
  return names.empty() ? "the credentials" : names;
}

// Seconds, as a number or as a text that is one.
std::optional<double> seconds_in(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(seconds) : std::nullopt;
}

// A reply to a login of which a value that nobody needs cannot be read is one all the same.
json body_of(const std::string& text) {
  json body = parse_json(text);
  if (!body.is_discarded()) return body;
  const auto repaired = repair_json(text);
  return repaired ? parse_json(repaired->text) : body;
}

Outcome<http::Tokens> read_tokens(const AuthRecipe& method, const RequestRunner& caller, const Reply& reply) {
  const json body = body_of(reply.response.body);
  const auto text = [&](const std::string& path) {
    const json& found = path.empty() || body.is_discarded() ? json() : json_at(body, path);
    return found.is_string() ? found.get<std::string>() : std::string();
  };
  const std::string_view in_body = method.token_header.empty() ? method.token : std::string_view();
  if (const auto twice =
          twice_on_the_way(reply.response.body, {in_body, method.refresh_token, method.expires_in}))
    return http::fail(FailureKind::malformed,
                      fmt::format("'{}' stands twice in the reply to the login", *twice), reply.shown);
  http::Tokens tokens;
  const std::string token = method.token_header.empty()
                                ? text(method.token)
                                : std::string(reply.response.header(method.token_header));
  if (token.empty()) {
    return http::fail(FailureKind::malformed, "the reply to the login holds no token", reply.shown);
  }
  tokens.token = Secret(token);
  tokens.refresh_token = Secret(text(method.refresh_token));
  caller.redactor().add(token);
  caller.redactor().add(tokens.refresh_token.reveal());
  tokens.life = http::jwt_life(token, std::chrono::system_clock::now());
  if (!method.expires_in.empty() && !body.is_discarded()) {
    const auto seconds = seconds_in(json_at(body, method.expires_in));
    if (const auto life = seconds ? http::token_life(*seconds) : std::nullopt) tokens.life = life;
  }
  if (!tokens.life && method.life) tokens.life = http::token_life(static_cast<double>(method.life->count()));
  return tokens;
}

// A login that is answered with a no means the credentials, however the platform words it.
Failure refusal(Failure failure, const AuthRecipe& method, const RequestRunner& caller) {
  const bool no = failure.kind == FailureKind::denied || failure.kind == FailureKind::gone ||
                  failure.kind == FailureKind::invalid || failure.kind == FailureKind::conflict ||
                  failure.kind == FailureKind::refused;
  const bool is_no_refusal = (failure.status >= 300 && failure.status < 400) ||
                             failure.status == 423;  // a wrong address, a lock that ends
  if (!no || (is_no_refusal && failure.kind != FailureKind::refused)) return failure;
  // Whatever else listens at a wrong address answers so.
  const std::string address = caller.clean(caller.base().origin() + caller.base().path);
  const bool elsewhere = failure.status == 404 || failure.status == 405 || failure.status == 501;
  failure.kind = FailureKind::refused;
  failure.message = "the platform does not accept the login (" + failure.message + "): check " +
                    (elsewhere ? "that 'url' (" + address + ") is its address, then " : "") +
                    what_to_check(method);
  return failure;
}

Call session_call(Call call) {
  call.login = true;
  call.secret_reply = true;
  return call;
}

http::SessionProtocol session(const AuthRecipe& method, const RequestRunner& caller) {
  http::SessionProtocol protocol;
  protocol.refresh_on = method.refresh_on;
  protocol.login = [&method, &caller](http::Transport& transport,
                                      std::stop_token stop) -> Outcome<http::Tokens> {
    Scope scope = caller.scope();
    Call call = session_call(*method.login);
    if (!method.user.empty()) {
      const auto user = method.user.expand(scope, TextTemplate::For::header);
      const auto password = method.password.expand(scope, TextTemplate::For::header);
      if (!user || !password)
        return tl::unexpected(caller.cannot(call, user ? password.error() : user.error()));
      const http::SecretHeader proof = http::basic(http::encode(*user), http::encode(*password));
      caller.redactor().add_authorization(proof.value.reveal());
      call.headers.emplace_back(proof.name,
                                TextTemplate({{.literal = proof.value.reveal(), .expression = {}}}));
    }
    auto reply = caller.send(transport, call, scope, {}, {}, stop);
    if (!reply) return tl::unexpected(refusal(std::move(reply.error()), method, caller));
    return read_tokens(method, caller, *reply);
  };
  if (method.refresh) {
    protocol.refresh = [&method, &caller](http::Transport& transport, const http::Tokens& tokens,
                                          std::stop_token stop) -> Outcome<http::Tokens> {
      Scope scope = caller.scope();
      scope.set_text(Variable::token, tokens.token.reveal());
      scope.set_text(Variable::refresh_token, tokens.refresh_token.reveal());
      auto reply = caller.send(transport, session_call(*method.refresh), scope, {}, {}, stop);
      if (!reply) return tl::unexpected(refusal(std::move(reply.error()), method, caller));
      return read_tokens(method, caller, *reply);
    };
  }
  protocol.headers = [&method,
                      &caller](const http::Tokens& tokens) -> Outcome<std::vector<http::SecretHeader>> {
    Scope scope = caller.scope();
    scope.set_text(Variable::token, tokens.token.reveal());
    std::vector<http::SecretHeader> headers;
    for (const auto& [name, text] : method.headers) {
      const auto value = text.expand(scope, TextTemplate::For::header);
      if (!value) {
        Failure failure = caller.cannot(*method.login, value.error());
        failure.message = "the header " + name + " cannot be made of the token: " + failure.message;
        return tl::unexpected(std::move(failure));
      }
      if (caller.reads_secret(text)) caller.redactor().add_authorization(*value);
      headers.push_back({name, Secret(*value)});
    }
    return headers;
  };
  return protocol;
}

}  // namespace

std::string credential_options(const RequestRunner& caller) {
  Scope scope = caller.scope();
  for (const AuthRecipe& method : caller.recipe().auth) {
    if (!method.when || method.when->holds(scope)) return what_to_check(method);
  }
  return "the credentials";
}

tl::expected<std::unique_ptr<http::Transport>, std::string> authenticated(
    std::unique_ptr<http::Transport> inner, const RequestRunner& caller, http::Clock& clock) {
  Scope scope = caller.scope();
  for (const AuthRecipe& method : caller.recipe().auth) {
    if (method.when && !method.when->holds(scope)) continue;
    std::vector<http::SecretHeader> headers;
    switch (method.kind) {
      case AuthRecipe::Kind::session:
      case AuthRecipe::Kind::oauth2:
        return std::make_unique<http::Authenticated>(std::move(inner), session(method, caller), clock);
      case AuthRecipe::Kind::basic: {
        const auto user = method.user.expand(scope, TextTemplate::For::header);
        const auto password = method.password.expand(scope, TextTemplate::For::header);
        if (!user) return tl::unexpected(user.error());
        if (!password) return tl::unexpected(password.error());
        headers.push_back(http::basic(*user, *password));
        caller.redactor().add_authorization(headers.back().value.reveal());
        break;
      }
      case AuthRecipe::Kind::headers:
        for (const auto& [name, text] : method.headers) {
          const auto value = text.expand(scope, TextTemplate::For::header);
          if (!value) return tl::unexpected(value.error());
          if (caller.reads_secret(text)) caller.redactor().add_authorization(*value);
          headers.push_back({name, Secret(*value)});
        }
        break;
      case AuthRecipe::Kind::none:
        break;
    }
    return std::make_unique<http::Authenticated>(std::move(inner), std::move(headers));
  }
  return tl::unexpected("no way to log in: " + caller.recipe().about +
                        " needs other options than those given");
}

}  // namespace usher::recipe
