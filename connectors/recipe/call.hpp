#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connectors/http/message.hpp"
#include "connectors/http/url.hpp"
#include "connectors/recipe/recipe.hpp"
#include "connectors/redactor.hpp"

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
  /// config: the platform's options as expressions see them. secret_options: the names there of those whose
  /// values must not reach a message; the redactor knows the values.
  RequestRunner(std::shared_ptr<const Recipe> recipe, nlohmann::json config, http::Base base,
                std::set<std::string> secret_options, std::shared_ptr<Redactor> redactor);

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
  /// Whether what it comes to is a secret or holds one.
  bool reads_secret(const TextTemplate& text) const;
  /// Where secrets are told that come up on the way: tokens.
  Redactor& redactor() const { return *redactor_; }

 private:
  bool reads_secret(const Expression& expression) const;
  /// Path and query, as they are sent and as messages show them.
  struct Target {
    std::string sent, shown;
  };
  Outcome<Target> target(const Call& call, Scope& scope, const PageRequest& extra) const;
  Target followed(const Call& call, Scope& scope, const std::string& url) const;
  /// A text of a reply without secrets, for expressions that make a message of it.
  nlohmann::json without_secrets(const nlohmann::json& content) const;
  Outcome<http::Request> build(const Call& call, Scope& scope, const WriteRequest& payload,
                               const PageRequest& extra) const;
  tl::expected<std::optional<nlohmann::json>, std::string> body(const Call& call, Scope& scope,
                                                                const WriteRequest& payload) const;
  Outcome<Reply> judge(const Call& call, Scope& scope, const http::Request& request,
                       http::Response response) const;

  std::shared_ptr<const Recipe> recipe_;
  nlohmann::json config_;
  http::Base base_;
  std::set<std::string> secret_options_;
  std::shared_ptr<Redactor> redactor_;
};

}  // namespace usher::recipe
