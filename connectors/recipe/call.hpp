#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/http/message.hpp"
#include "connectors/http/url.hpp"
#include "connectors/recipe/recipe.hpp"
#include "state/model/settings.hpp"

namespace usher::recipe {

/// What a call writes beside what its recipe says itself.
struct WriteRequest {
  std::vector<std::pair<std::string, nlohmann::json>> attributes;  ///< dotted path in the body, value
  nlohmann::json fresh;                                            ///< replace: the object to start from
  std::string wrong;  ///< why an attribute cannot be written; empty: all can
};

/// What a call asks beside what its recipe says itself.
struct PageRequest {
  std::vector<std::pair<std::string, std::string>> query;  ///< paging parameters
  std::optional<std::string> url;                          ///< a followed link, in place of path and query
  nlohmann::json page;                                     ///< what expressions read as `page`; null: nothing
  bool operator==(const PageRequest&) const = default;
};

/// A reply that the rules did not call a failure.
struct Reply {
  http::Response response;
  bool read_back = false;  ///< nobody can tell what it did: read the account and compare
  Failure doubt;           ///< read_back: the failure if the account is not as it should be
  std::string url;         ///< what was asked
  std::string shown;       ///< the same for messages
};

/// Turns calls of a recipe into requests of one configured platform, and replies into outcomes.
/// Threads: immutable after construction; scopes belong to one thread.
class RequestRunner {
 public:
  /// config: the platform's options as expressions see them. secrets: texts that must not reach a message.
  RequestRunner(std::shared_ptr<const Recipe> recipe, nlohmann::json config, http::Base base,
                std::vector<Secret> secrets);

  /// A scope that knows `config`.
  Scope scope() const;
  Outcome<Reply> send(http::Transport& transport, const Call& call, Scope& scope, const WriteRequest& payload,
                      const PageRequest& extra, std::stop_token stop) const;
  /// A text of the platform, fit for a message: without secrets, one line, not long.
  std::string clean(std::string_view text) const;
  /// A failure of our own making: an expression that came to nothing.
  Failure cannot(const Call& call, std::string why) const;

  /// A digest of the recipe and of every option that is no secret.
  std::string digest() const;
  const Recipe& recipe() const { return *recipe_; }
  const http::Base& base() const { return base_; }

 private:
  Outcome<http::Request> build(const Call& call, Scope& scope, const WriteRequest& payload,
                               const PageRequest& extra) const;
  tl::expected<std::optional<nlohmann::json>, std::string> body(const Call& call, Scope& scope,
                                                                const WriteRequest& payload) const;
  Outcome<Reply> judge(const Call& call, Scope& scope, const http::Request& request,
                       http::Response response) const;

  std::shared_ptr<const Recipe> recipe_;
  nlohmann::json config_;
  http::Base base_;
  std::vector<Secret> secrets_;
};

}  // namespace usher::recipe
