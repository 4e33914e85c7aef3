#include "connectors/http/observed.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

namespace usher::http {
namespace {

std::string in_lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

bool holds_credentials(const std::string& header) {
  const std::string name = in_lower_case(header);
  static constexpr std::array<std::string_view, 5> parts{"auth", "cookie", "token", "key", "secret"};
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

std::string in_lines(const Headers& headers, char sign) {
  std::string text;
  for (const auto& [name, value] : headers) {
    text += std::string(1, sign) + " " + name + ": " + (holds_credentials(name) ? "***" : value) + "\n";
  }
  return text;
}

/// A JSON body with members that are called like secrets taken out; another body as it is.
std::string without_named_secrets(const std::string& body) {
  using nlohmann::json;
  static constexpr std::array<std::string_view, 7> parts{"password", "passwd", "pwd",    "secret",
                                                         "token",    "apikey", "api_key"};
  bool secret = false;
  const auto look = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key) {
      std::string name = in_lower_case(parsed.get<std::string>());
      secret = std::any_of(parts.begin(), parts.end(),
                           [&](std::string_view part) { return name.find(part) != std::string::npos; });
    } else if (event == json::parse_event_t::value && secret && parsed.is_string()) {
      parsed = "***";
    }
    return depth <= 200;
  };
  const json whole = json::parse(body, look, false);
  return whole.is_discarded() ? body : whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string exchange_text(const Request& request, const Outcome<Response>& outcome) {
  std::string text = "> " + request.shown + "\n" + in_lines(request.headers, '>') + ">\n";
  if (request.login && !request.body.empty()) {
    text += "(the body of a login, " + std::to_string(request.body.size()) + " bytes, is left out)\n";
  } else if (!request.body.empty()) {
    text += without_named_secrets(request.body) + "\n";
  }
  if (!outcome) return text + "< " + describe(outcome.error()) + "\n";
  text += "< " + std::to_string(outcome->status) + "\n";
  if (request.secret_reply) {
    return text + "(the reply holds a secret: its headers and " + std::to_string(outcome->body.size()) +
           " bytes are left out)\n";
  }
  return text + in_lines(outcome->headers, '<') + "<\n" + without_named_secrets(outcome->body) + "\n";
}

}  // namespace

Outcome<Response> Observed::send(const Request& request, std::stop_token stop) {
  const auto began = std::chrono::steady_clock::now();
  if (request.login) watch_.tell({.kind = PlatformEvent::Kind::login, .request = request.shown});
  auto outcome = inner_->send(request, std::move(stop));
  PlatformEvent event{.kind = PlatformEvent::Kind::request, .request = request.shown};
  event.time =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  if (outcome) {
    event.status = outcome->status;
    watch_.tell(std::move(event));
  } else {
    watch_.tell(std::move(event), outcome.error());
  }
  if (watch_.traces()) watch_.trace(exchange_text(request, outcome));
  return outcome;
}

}  // namespace usher::http
