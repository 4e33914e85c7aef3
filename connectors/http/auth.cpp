#include "connectors/http/auth.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace usher::http {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += alphabet[bits >> 18 & 63];
    out += alphabet[bits >> 12 & 63];
    out += i + 1 < text.size() ? alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < text.size() ? alphabet[bits & 63] : '=';
  }
  return out;
}

// Either alphabet of RFC 4648, with or without padding.
std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

// A token is renewed a tenth of its life early, at least some seconds: a request may be under way for a
// while.
std::chrono::seconds margin(std::chrono::seconds life) {
  return std::min(std::max(life / 10, std::chrono::seconds(10)),
                  std::min(life / 2, std::chrono::seconds(120)));
}

}  // namespace

SecretHeader basic(const std::string& user, const std::string& password) {
  return {"Authorization", Secret("Basic " + base64(user + ":" + password))};
}

SecretHeader bearer(const std::string& token) {
  return {"Authorization", Secret("Bearer " + token)};
}

std::optional<std::chrono::seconds> jwt_life(std::string_view token,
                                             std::chrono::system_clock::time_point now) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto claims = from_base64(token.substr(first + 1, second - first - 1));
  if (!claims) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(*claims, nullptr, false);
  if (!json.is_object() || !json.contains("exp") || !json["exp"].is_number()) return std::nullopt;
  const auto seconds = [&](const char* name) { return static_cast<std::int64_t>(json[name].get<double>()); };
  // Measured from `iat`, the clocks of the two machines need not agree.
  const std::int64_t from =
      json.contains("iat") && json["iat"].is_number()
          ? seconds("iat")
          : std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return std::chrono::seconds(std::max<std::int64_t>(0, seconds("exp") - from));
}

Authenticated::Authenticated(std::unique_ptr<Transport> inner, std::vector<SecretHeader> headers)
    : inner_(std::move(inner)), static_headers_(std::move(headers)) {}

Authenticated::Authenticated(std::unique_ptr<Transport> inner, SessionProtocol session, Clock& clock)
    : inner_(std::move(inner)), session_(std::move(session)), clock_(&clock) {}

Outcome<Tokens> Authenticated::renew(const std::stop_token& stop) {
  if (session_->refresh && !tokens_.refresh_token.empty()) {
    auto refreshed = session_->refresh(*inner_, tokens_, stop);
    // A refresh token that lapsed is not the end: the credentials still are there.
    if (refreshed || refreshed.error().kind != FailureKind::refused) return refreshed;
  }
  return session_->login(*inner_, stop);
}

Outcome<Authenticated::Proof> Authenticated::proof(std::uint64_t spent, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  const bool lapses = renew_at_ && clock_->now() >= *renew_at_;
  if (proof_.generation > spent && !lapses) return proof_;
  auto tokens = renew(stop);
  if (!tokens) {
    // What failed is the session: the request itself never left.
    tokens.error().may_have_happened = false;
    return tl::unexpected(std::move(tokens.error()));
  }
  if (tokens->refresh_token.empty()) tokens->refresh_token = tokens_.refresh_token;
  tokens_ = std::move(*tokens);
  renew_at_.reset();
  if (tokens_.life) renew_at_ = clock_->now() + *tokens_.life - margin(*tokens_.life);
  proof_ = {session_->headers(tokens_), proof_.generation + 1};
  return proof_;
}

Outcome<Response> Authenticated::send(const Request& request, std::stop_token stop) {
  const auto send_with = [&](const std::vector<SecretHeader>& headers) {
    Request proven = request;
    for (const SecretHeader& header : headers)
      proven.headers.emplace_back(header.name, header.value.reveal());
    return inner_->send(proven, stop);
  };
  if (!session_) return send_with(static_headers_);
  auto first = proof(0, stop);
  if (!first) return tl::unexpected(std::move(first.error()));
  Outcome<Response> response = send_with(first->headers);
  if (!response || std::find(session_->refresh_on.begin(), session_->refresh_on.end(), response->status) ==
                       session_->refresh_on.end()) {
    return response;
  }
  auto second = proof(first->generation, stop);
  if (!second) return tl::unexpected(std::move(second.error()));
  return send_with(second->headers);
}

}  // namespace usher::http
