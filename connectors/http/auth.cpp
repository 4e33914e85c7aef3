#include "connectors/http/auth.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "state/model/base64.hpp"

namespace usher::http {
namespace {

// A token is renewed a tenth of its life early, at least some seconds: a request may be under way for a
// while.
std::chrono::seconds margin(std::chrono::seconds life) {
  return std::min(std::max(life / 10, std::chrono::seconds(10)),
                  std::min(life / 2, std::chrono::seconds(120)));
}

}  // namespace

SecretHeader basic(const std::string& user, const std::string& password) {
  return {"Authorization", Secret("Basic " + to_base64(user + ":" + password))};
}

SecretHeader bearer(const std::string& token) {
  return {"Authorization", Secret("Bearer " + token)};
}

std::optional<std::chrono::seconds> jwt_life(std::string_view token,
                                             std::chrono::system_clock::time_point now) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto claims = from_base64(token.substr(first + 1, second - first - 1), Base64Alphabet::any);
  if (!claims) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(*claims, nullptr, false);
  if (!json.is_object() || !json.contains("exp") || !json["exp"].is_number()) return std::nullopt;
  // Measured from `iat`, the clocks of the two machines need not agree.
  const double from = json.contains("iat") && json["iat"].is_number()
                          ? json["iat"].get<double>()
                          : std::chrono::duration<double>(now.time_since_epoch()).count();
  return token_life(json["exp"].get<double>() - from);
}

std::optional<std::chrono::seconds> token_life(double seconds) {
  constexpr double shortest = 5, longest = 30.0 * 24 * 3600;
  if (!(seconds > 0)) return std::nullopt;  // not a number, too
  return std::chrono::seconds(static_cast<std::int64_t>(std::clamp(seconds, shortest, longest)));
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
  const MutexLock lock(mutex_);
  const bool lapses = renew_at_ && clock_->now() >= *renew_at_;
  if (proof_.generation > spent && !lapses) return proof_;
  if (refused_) return tl::unexpected(*refused_);
  auto tokens = renew(stop);
  if (!tokens) {
    // What failed is the session: the request itself never left.
    tokens.error().may_have_happened = false;
    if (tokens.error().kind == FailureKind::refused) refused_ = tokens.error();
    return tl::unexpected(std::move(tokens.error()));
  }
  if (tokens->refresh_token.empty()) tokens->refresh_token = tokens_.refresh_token;
  tokens_ = std::move(*tokens);
  renew_at_.reset();
  if (tokens_.life) renew_at_ = clock_->now() + *tokens_.life - margin(*tokens_.life);
  auto headers = session_->headers(tokens_);
  if (!headers) return tl::unexpected(std::move(headers.error()));
  proof_ = {std::move(*headers), proof_.generation + 1};
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
