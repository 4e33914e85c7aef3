#include "connectors/recipe/platform.hpp"

#include "connectors/recipe/capabilities.hpp"
#include "connectors/recipe/login.hpp"

namespace usher::recipe {

RecipePlatform::RecipePlatform(std::unique_ptr<const RequestRunner> caller,
                               std::unique_ptr<http::Transport> transport, http::Clock& clock)
    : caller_(std::move(caller)),
      transport_(std::move(transport)),
      clock_(clock),
      capabilities_(capabilities_of(caller_->recipe())),
      signature_(caller_->digest()),
      login_options_(credential_options(*caller_)),
      proven_at_((clock.now() - std::chrono::years(1)).time_since_epoch().count()) {}

Failure RecipePlatform::explained(Failure failure) const {
  if (failure.kind == FailureKind::refused && failure.message.find(": check ") == std::string::npos) {
    failure.message =
        "the platform does not accept the credentials (" + failure.message + "): check " + login_options_;
  }
  return failure;
}

Outcome<Reply> RecipePlatform::get(const Call& call, Scope& scope, const PageRequest& page,
                                   const std::stop_token& stop) const {
  auto reply = caller_->send(*transport_, call, scope, {}, page, stop);
  if (!reply) return tl::unexpected(explained(std::move(reply.error())));
  proven_at_ = clock_.now().time_since_epoch().count();
  return reply;
}

Outcome<Reply> RecipePlatform::send(const Call& call, Scope& scope, const WriteRequest& payload,
                                    const std::stop_token& stop) const {
  return caller_->send(*transport_, call, scope, payload, {}, stop);
}

std::chrono::steady_clock::duration RecipePlatform::since_proven() const {
  return clock_.now().time_since_epoch() - std::chrono::steady_clock::duration(proven_at_.load());
}

}  // namespace usher::recipe
