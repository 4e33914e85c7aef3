#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/clock.hpp"
#include "connectors/http/message.hpp"
#include "state/model/mutex.hpp"
#include "state/model/settings.hpp"

namespace usher::http {

/// The header that proves who we are: "Authorization" and "Basic …".
struct SecretHeader {
  std::string name;
  Secret value;
};

/// RFC 7617.
SecretHeader basic(const std::string& user, const std::string& password);
/// RFC 6750.
SecretHeader bearer(const std::string& token);

/// What a login or a refresh answered.
struct Tokens {
  Secret token;
  Secret refresh_token;                      ///< empty: a new login instead
  std::optional<std::chrono::seconds> life;  ///< how long the token is good from now on; nullopt: unknown
};

/// How long a token is taken for good that is said to be good for so many seconds: between five seconds and
/// thirty days, so that no reply makes every request begin with a login. nullopt: it says nothing usable, and
/// the token is good until the platform refuses it.
std::optional<std::chrono::seconds> token_life(double seconds);

/// How long a JSON Web Token (RFC 7519) is good: `exp` less `iat`, or less `now` where it has no `iat`.
/// nullopt for anything that is not one or says no usable `exp`.
std::optional<std::chrono::seconds> jwt_life(std::string_view token,
                                             std::chrono::system_clock::time_point now);

/// How a session is begun, kept and shown. All three are called by one thread at a time.
struct SessionProtocol {
  std::function<Outcome<Tokens>(Transport&, std::stop_token)> login;
  std::function<Outcome<Tokens>(Transport&, const Tokens&, std::stop_token)> refresh;  ///< empty: login again
  std::function<Outcome<std::vector<SecretHeader>>(const Tokens&)> headers;
  std::vector<int> refresh_on{401};  ///< statuses that mean: the token is not good any more
};

/// Sends every request with the proof of who we are. Static headers, or a session: begun on the first
/// request, refreshed before it lapses, and once when the platform says that it did; all threads wait for one
/// refresh. A login that was refused is not tried again: every later request fails with its answer, because
/// more of the same may lock the account.
class Authenticated final : public Transport {
 public:
  Authenticated(std::unique_ptr<Transport> inner, std::vector<SecretHeader> headers);
  Authenticated(std::unique_ptr<Transport> inner, SessionProtocol session, Clock& clock);

  /// Beside the failures of every transport: refused, when the credentials or the session are not accepted.
  Outcome<Response> send(const Request& request, std::stop_token stop) override;

 private:
  struct Proof {
    std::vector<SecretHeader> headers;
    std::uint64_t generation = 0;  // which token it is
  };
  /// The proof as it stands, newer than generation `spent`.
  Outcome<Proof> proof(std::uint64_t spent, const std::stop_token& stop);
  Outcome<Tokens> renew(const std::stop_token& stop) REQUIRES(mutex_);

  std::unique_ptr<Transport> inner_;
  std::vector<SecretHeader> static_headers_;
  std::optional<SessionProtocol> session_;
  Clock* clock_ = nullptr;
  Mutex mutex_;
  Proof proof_ GUARDED_BY(mutex_);  // generation 0: none yet
  Tokens tokens_ GUARDED_BY(mutex_);
  std::optional<Failure> refused_ GUARDED_BY(mutex_);  // how the login was refused
  std::optional<std::chrono::steady_clock::time_point> renew_at_ GUARDED_BY(mutex_);
};

}  // namespace usher::http
