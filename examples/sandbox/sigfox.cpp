#include "examples/sandbox/sigfox.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "examples/sandbox/text.hpp"
#include "examples/sandbox/tokens.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

constexpr std::string_view version_prefix = "/v2";

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_' || letter == '.' ||
                       letter == '~';
    if (plain) {
      out += letter;
      continue;
    }
    out += '%';
    out += digits[static_cast<unsigned char>(letter) >> 4];
    out += digits[static_cast<unsigned char>(letter) & 15];
  }
  return out;
}

}  // namespace

const std::vector<Route<Sigfox>>& Sigfox::routes() {
  static const std::vector<Route<Sigfox>> all{
      {"GET", "/api-users/", &Sigfox::list_users},
      {"POST", "/api-users/", &Sigfox::create_user},
      {"GET", "/api-users/{id}", &Sigfox::get_user},
      {"PUT", "/api-users/{id}", &Sigfox::update_user},
      {"DELETE", "/api-users/{id}", &Sigfox::delete_user},
      {"PUT", "/api-users/{id}/profiles", &Sigfox::add_profiles},
      {"DELETE", "/api-users/{id}/profiles/{profileId}", &Sigfox::remove_profile},
      {"PUT", "/api-users/{id}/renew-credential", &Sigfox::renew},
      {"GET", "/groups/", &Sigfox::list_groups},
      {"GET", "/groups/{id}", &Sigfox::get_group},
      {"GET", "/profiles/", &Sigfox::list_profiles},
      {"GET", "/profiles/{id}", &Sigfox::get_profile},
  };
  return all;
}

Reply Sigfox::serve(const Call& call) {
  if (!within_rate(options_.switches.number("sigfox.rate-limit"))) {
    Reply reply = message(429, "Too many requests");
    if (options_.switches.flag("sigfox.retry-after")) reply.headers.emplace_back("Retry-After", "1");
    return reply;
  }
  if (caller(call) == nullptr) return empty_reply(401);
  if (!call.path.starts_with(version_prefix)) return message(404, "Not Found");
  Call inner = call;
  inner.path.erase(0, version_prefix.size());
  if (options_.switches.flag("sigfox.lenient-slash") &&
      (inner.path == "/api-users" || inner.path == "/groups" || inner.path == "/profiles"))
    inner.path += '/';
  return dispatch(inner);
}

Reply Sigfox::dispatch(const Call& call) {
  Captures ids;
  const Route<Sigfox>* route = find_route<Sigfox>(routes(), call, ids);
  if (route == nullptr) {
    json allowed = json::array();
    for (const Route<Sigfox>& one : routes())
      if (matches(one.pattern, call.path, ids)) allowed.push_back(one.method);
    if (allowed.empty()) return message(404, "Not Found");
    return json_reply(405, {{"message", "Method Not Allowed"}, {"allowedMethods", allowed}});
  }
  Reply reply;
  try {
    reply = (this->*route->handler)(call, ids);
  } catch (const json::exception&) {
    reply = bad("body", "", "a value has another type than expected");
  }
  reply.route = route->pattern;
  return reply;
}

const Sigfox::User* Sigfox::caller(const Call& call) const {
  const auto given = basic(call.authorization);
  if (!given) return nullptr;
  const User* user = users_.find(given->first);
  return user != nullptr && user->access_token == given->second ? user : nullptr;
}

json Sigfox::login() const {
  return {{"identity", options_.switches.text("sigfox.login")}, {"secret", options_.admin_secret}};
}

Sigfox::Or<json> Sigfox::body_of(const Call& call) {
  json body = json::parse(call.body, nullptr, false);
  if (!body.is_object()) return tl::make_unexpected(bad("body", "", "malformed JSON"));
  return body;
}

Sigfox::Or<Sigfox::Window> Sigfox::window_of(const Call& call) {
  Window window;
  const auto read = [&call](const char* name, std::size_t& value) {
    const std::string text = call.parameter(name, std::to_string(value));
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size();
  };
  if (!read("limit", window.limit) || window.limit < 1 || window.limit > 100)
    return tl::make_unexpected(bad("query", "limit", "must be between 1 and 100"));
  if (!read("offset", window.offset)) return tl::make_unexpected(bad("query", "offset", "must be a number"));
  if (const std::string token = base64_decode(call.parameter("pageId")); !token.empty()) {
    const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), window.offset);
    if (failure != std::errc() || end != token.data() + token.size())
      return tl::make_unexpected(bad("query", "pageId", "is not valid"));
  }
  return window;
}

Reply Sigfox::message(int status, const std::string& text) {
  return json_reply(status, {{"message", text}});
}

Reply Sigfox::bad(const char* type, const std::string& field, const std::string& text) {
  return json_reply(400, {{"message", "Bad request"},
                          {"errors", json::array({{{"type", type}, {"field", field}, {"message", text}}})}});
}

/// `total` only decides whether there is a next page: a client never learns it.
Reply Sigfox::page(const Call& call, const Window& window, std::size_t total, const std::string& rows,
                   bool by_token) const {
  Reply reply;
  reply.items = "data";
  reply.body = "{\"data\":[" + rows + ']';
  const std::size_t next = window.offset + window.limit;
  if (next < total) {
    std::string link;
    if (options_.switches.text("sigfox.next") == "absolute") link = "http://" + call.host;
    link += std::string(version_prefix) + call.path + "?limit=" + std::to_string(window.limit);
    link += by_token ? "&pageId=" + base64url(std::to_string(next)) : "&offset=" + std::to_string(next);
    if (options_.switches.flag("sigfox.next-keeps-filters"))
      for (const auto& [name, value] : call.query)
        if (name != "limit" && name != "offset" && name != "pageId")
          link += '&' + name + '=' + encoded(value);
    reply.body += ",\"paging\":{\"next\":";
    append_quoted(reply.body, link);
    reply.body += "}}";
  } else {
    reply.body += options_.switches.flag("sigfox.empty-paging") ? ",\"paging\":{}}" : "}";
  }
  return reply;
}

}  // namespace usher::sandbox
