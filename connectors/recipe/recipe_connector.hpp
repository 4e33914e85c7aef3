#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/http/clock.hpp"
#include "connectors/recipe/call.hpp"
#include "connectors/recipe/paging.hpp"

namespace simdjson::dom {
class element;
}

namespace usher::recipe {

class Prefetch;

/// Speaks to the platform a recipe describes. A fetch is one request for a page, and one for
/// each account where a listing shows only a part; the first fetch also asks who we are.
class RecipeConnector final : public Connector {
 public:
  /// The transport carries authenticated requests; the clock must outlive this.
  RecipeConnector(std::unique_ptr<const RequestRunner> caller, std::unique_ptr<http::Transport> transport,
                  http::Clock& clock);
  ~RecipeConnector() override;

  const Capabilities& capabilities() const override { return capabilities_; }
  std::string signature() const override { return signature_; }
  bool prove_otherwise() override;
  Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) override;
  Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                         std::stop_token stop) override;
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& secret,
                          std::stop_token stop) override;
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token stop) override;
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token stop) override;
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) override;

  struct Listed;

 private:
  struct Phase;
  struct Position;
  struct Parser;

  // Reading.
  Outcome<Reply> get(const Call& call, Scope& scope, const PageRequest& extra, const std::stop_token& stop);
  Outcome<Listed> list(const Listing& listing, Scope& scope, const ListingState& state,
                       const std::function<std::string(const simdjson::dom::element&)>& id_of, Parser& parser,
                       const std::stop_token& stop, Prefetch* ahead = nullptr);
  Outcome<std::uint64_t> count(const Listing& listing, Scope& scope, const std::stop_token& stop);
  Outcome<Page> fetch_entitlements(Position position, const std::stop_token& stop);
  Outcome<Page> fetch_edges(Position position, const std::stop_token& stop);
  Outcome<Page> fetch_groups(Position position, const std::stop_token& stop);
  Outcome<Page> fetch_members(Position position, const std::stop_token& stop);
  Outcome<Page> fetch_accounts(Position position, const std::stop_token& stop);
  Outcome<Page> fetch_accounts_again(Position position, const std::stop_token& stop);
  Outcome<std::monostate> walk(const Listing& listing, Scope& scope,
                               const std::function<std::string(const simdjson::dom::element&)>& id_of,
                               const std::function<void(const simdjson::dom::element&)>& read,
                               const std::stop_token& stop);
  /// Who we are; empty: nobody can tell, and `remark` says why, if it is news.
  struct OwnAccount {
    std::string id, remark;
  };
  Outcome<OwnAccount> own_account(const std::stop_token& stop);
  /// Why the account we work as is not shown everybody; empty: it is, or nobody can tell.
  Outcome<std::string> hidden_from(const std::string& self, const std::stop_token& stop);
  /// unreadable: told what of the account cannot be read; null: it may go without.
  Outcome<std::optional<Account>> look_up(const Lookup& lookup, Scope& scope, const std::string& key,
                                          const std::stop_token& stop, std::string* unreadable = nullptr);
  Outcome<Account> account_of(const simdjson::dom::element& object, const simdjson::dom::element* marked,
                              const Reply& reply, std::string& unreadable) const;
  /// How an account stands to the natural key that was asked for; alike: equal but for capitals, blanks at
  /// the ends or composed letters.
  enum class Likeness { same, alike, none };
  Likeness likeness_of(const Account& account, const std::string& key) const;
  /// What a look-up answered: the account that was asked for, and how many others came with it.
  struct Found {
    std::optional<Account> account;
    std::size_t others = 0;
  };
  Outcome<Found> ask_for(const Lookup& lookup, Scope& scope, const std::string& key,
                         const std::stop_token& stop, std::string* unreadable = nullptr);
  Outcome<std::optional<Account>> find(const std::string& key, const std::stop_token& stop);
  /// Whether a look-up heeds what it is asked for: it finds nobody for a key that nobody can have. Asked
  /// once.
  Outcome<bool> heeds_its_key(std::size_t find, const std::stop_token& stop);
  /// An edge of one account, and the id the platform knows it by; empty: it has none.
  struct Edge {
    Membership membership;
    std::string id;
  };
  Outcome<std::vector<Edge>> edges_of(const EntitlementRecipe& kind, const std::string& account,
                                      const std::stop_token& stop);
  Outcome<std::vector<Edge>> edges_inside(const EntitlementRecipe& kind, const std::string& account,
                                          const std::stop_token& stop);
  static tl::expected<Membership, std::string> edge_in(const Listed& listed, std::size_t number,
                                                       const simdjson::dom::element& one,
                                                       const EntitlementRecipe& kind,
                                                       std::string entitlement);
  std::optional<AccountReader::Wrong> difference(const Listed& listed, std::size_t number,
                                                 Account& account) const;
  void leave_out_unmanaged(Account& account) const;
  ListingState at_first(ListingState state, bool later) const;
  std::string next_cursor(Position position, const std::optional<ListingState>& next) const;

  std::optional<Failure> complete(Page& page, const Listing& listing, const std::stop_token& stop);
  /// Whether the account is there; unreadable: what of it cannot be read.
  Outcome<bool> complete_one(Account& account, bool summary, std::string& unreadable,
                             const std::stop_token& stop);
  Outcome<bool> add_memberships(Account& account, const std::function<bool(const EntitlementRecipe&)>& wanted,
                                const std::stop_token& stop);
  Failure explained(Failure failure) const;
  /// The natural key as text; empty: it has none.
  std::string key_of(const Account& account) const;

  // Writing.
  Outcome<Receipt> create(const Operation& operation, const Secret& secret, const std::stop_token& stop);
  Outcome<Receipt> update(const Operation& operation, const std::stop_token& stop);
  Outcome<Receipt> change_membership(const Operation& operation, const std::stop_token& stop);
  Outcome<Receipt> run(const std::vector<Call>& calls, const Operation& operation,
                       const std::stop_token& stop);
  Outcome<Receipt> write(const Call& call, Scope& scope, WriteRequest payload, const Operation& operation,
                         const std::stop_token& stop);
  Outcome<Receipt> run(const std::vector<Step>& steps, const Operation& operation, const Secret& secret,
                       const std::stop_token& stop);
  Outcome<Receipt> revoke(const std::string& kind, const Operation& operation, const std::stop_token& stop);
  Outcome<Receipt> rotate(const std::string& kind, const Operation& operation, const Secret& secret,
                          const std::stop_token& stop);
  Outcome<nlohmann::json> ask(const Call& call, Scope& scope, const Secret& secret,
                              const std::stop_token& stop);
  Outcome<Receipt> settle(const Operation& operation, Failure doubt, const std::stop_token& stop);
  /// The object as it is now, and its ETag; empty: it has none.
  struct Fresh {
    nlohmann::json object;
    std::string etag;
  };
  Outcome<Fresh> fresh(const std::string& account, const std::stop_token& stop);
  /// Gives a scope what the calls of a create may read.
  void describe_new(const Operation& operation, const Secret& secret, Scope& scope) const;
  WriteRequest payload_of(const nlohmann::json& values) const;

  std::unique_ptr<const RequestRunner> caller_;
  std::unique_ptr<http::Transport> transport_;
  http::Clock& clock_;
  Capabilities capabilities_;
  std::string signature_;
  std::string proof_;  // the options a login rests on, for messages
  std::unique_ptr<const AccountReader> reader_;
  std::vector<Phase> phases_;
  std::set<std::pair<std::string, std::string>> unmanaged_;  // kinds and ids of entitlements left out
  std::string self_, hidden_;       // who we are, and what is hidden from us, at the beginning of the pull
  bool twice_ = false;              // pages do not overlap here, whatever the recipe says: all is read twice
  std::unique_ptr<Parser> parser_;  // of fetch()
  std::atomic<std::chrono::steady_clock::rep> proven_at_;  // when a reading call last worked
  std::mutex heeds_mutex_;
  std::map<std::size_t, bool> heeds_;  // of the look-ups that were tried
  std::unique_ptr<Prefetch> ahead_;    // of fetch(); uses all of the above
};

/// What a recipe's platform can do.
Capabilities capabilities_of(const Recipe& recipe);

/// Whether the account is as the operation wants it: what a repetition would find already done.
bool holds(const Operation& operation, const Account& account, const Capabilities& capabilities);

}  // namespace usher::recipe
