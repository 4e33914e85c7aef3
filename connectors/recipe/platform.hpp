#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/http/clock.hpp"
#include "connectors/recipe/call.hpp"
#include "state/model/capabilities.hpp"

namespace usher::recipe {

/// One configured platform as its recipe describes it: what it can do, and the calls of the recipe sent with
/// authentication. What reads, writes and looks up stands on it.
/// Threads: any number. The clock must outlive it.
class RecipePlatform {
 public:
  /// transport: carries authenticated requests.
  RecipePlatform(std::unique_ptr<const RequestRunner> caller, std::unique_ptr<http::Transport> transport,
                 http::Clock& clock);

  const Recipe& recipe() const { return caller_->recipe(); }
  const Capabilities& capabilities() const { return capabilities_; }
  /// A digest of the recipe and of every option that is no secret.
  const std::string& signature() const { return signature_; }
  const http::Base& base() const { return caller_->base(); }

  Scope scope() const { return caller_->scope(); }
  const RequestRunner& caller() const { return *caller_; }
  /// A text of the platform, fit for a message.
  std::string clean(std::string_view text) const { return caller_->clean(text); }

  /// A call that reads. A failure says what to check; a reply proves the session.
  Outcome<Reply> get(const Call& call, Scope& scope, const PageRequest& page,
                     const std::stop_token& stop) const;
  /// Any other call. The failure is as the platform gave it; see explained().
  Outcome<Reply> send(const Call& call, Scope& scope, const WriteRequest& payload,
                      const std::stop_token& stop) const;
  /// A failure that says what to check where the platform refuses the credentials.
  Failure explained(Failure failure) const;
  /// How long ago a call that reads last worked; a year when none has yet.
  std::chrono::steady_clock::duration since_proven() const;

 private:
  std::unique_ptr<const RequestRunner> caller_;
  std::unique_ptr<http::Transport> transport_;
  http::Clock& clock_;
  const Capabilities capabilities_;
  const std::string signature_;
  const std::string login_options_;  // the options a login rests on, for messages
  mutable std::atomic<std::chrono::steady_clock::rep> proven_at_;
};

}  // namespace usher::recipe
