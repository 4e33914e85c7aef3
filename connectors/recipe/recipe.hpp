#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/account_reader.hpp"
#include "connectors/http/budget.hpp"
#include "connectors/recipe/expression.hpp"
#include "connectors/registry.hpp"
#include "state/model/capabilities.hpp"

// A recipe as it stands in its file, checked: docs/recipes.md is the reference of the language, these structs
// are its shape. All of them are immutable once loaded.
namespace usher::recipe {

/// What a rule makes of a reply.
enum class Verdict {
  done,       ///< it worked
  read_back,  ///< nobody can tell: read the account and compare
  failed,     ///< it did not: ErrorRule::kind says how
};

/// One rule of `errors`: the first whose condition holds decides.
struct ErrorRule {
  Expression when;
  Verdict verdict = Verdict::failed;
  FailureKind kind = FailureKind::invalid;
  std::optional<Expression> message;
  std::optional<Expression> wait;  ///< seconds until a next try makes sense
  bool any_status = false;         ///< also asked of 2xx replies
};

/// One HTTP request.
struct Call {
  std::string method;
  TextTemplate path;
  std::vector<std::pair<std::string, TextTemplate>> query, headers;
  std::optional<BodyTemplate> body;  ///< the whole body
  std::optional<BodyTemplate> add;   ///< members added to the attributes that are written
  std::vector<std::pair<std::string, TextTemplate>> form;  ///< a form instead of JSON
  std::string wrap;                                        ///< dotted path the body is put into
  bool replace_chosen = false;                             ///< the recipe says whether it is so
  bool replace = false;                                    ///< the body is the object as just read, changed
  std::vector<std::string> only;     ///< replace: dotted paths that are kept; empty: all
  std::vector<std::string> without;  ///< replace: dotted paths left out
  std::vector<ErrorRule> errors;
  std::optional<Expression> expect;  ///< must hold of a reply that otherwise worked
  std::string expect_message;
  bool reads_fresh = false;    ///< an expression reads `fresh` or `etag`: the object is read before the call
  bool reads_edge_id = false;  ///< an expression reads `membership.id`: it is looked up before the call
  bool login = false;          ///< begins or refreshes a session
  bool secret_reply = false;   ///< the reply holds a secret that the platform made
  SourceLocation place;
};

enum class PagingKind { none, offset, page, cursor, next_link, link_header, last_id };

/// What shows that nobody slipped between two pages while others were deleted.
enum class PagingProof {
  none,     ///< nothing: the order of the platform is trusted
  overlap,  ///< each page begins with the last item of the page before
  twice,    ///< everything is read twice, and both times the same
};

/// How a listing continues.
struct Paging {
  PagingKind by = PagingKind::none;
  std::string parameter;       ///< query parameter of the position; empty: it stands where `page` is read
  std::string size_parameter;  ///< query parameter of the page size; empty: not sent
  std::size_t size = 100;
  std::int64_t first = 0;        ///< offset: number of the first item; page: of the first page
  std::string next;              ///< cursor, next-link: dotted path in the reply
  std::string next_header;       ///< cursor: a header instead, lower case
  std::string more;              ///< dotted path of a boolean that says whether there is more
  std::string page_count;        ///< dotted path of the number of pages there are
  bool short_page_ends = false;  ///< a page with fewer items than asked for is the last one
  bool empty_page_ends = false;  ///< cursors and links: an empty page is the last one, whatever it names
  PagingProof proof = PagingProof::none;
  std::string unproved;  ///< proof none: why nothing has to be proved; empty: nobody says
};

/// One listing: pages of items.
struct Listing {
  Call call;
  std::string items;            ///< dotted path of the list; empty: the reply is the list
  bool items_optional = false;  ///< a reply without the list is an empty page
  std::string object;           ///< users: dotted path of the account in an item; empty: the item itself
  Paging paging;
  std::string total;           ///< dotted path
  std::optional<Call> count;   ///< in place of it: a call that answers the total, at that path
  std::string total_header;    ///< lower case
  bool summary = false;        ///< users: items show only a part of each account
  std::optional<bool> active;  ///< users: all items are (in)active
};

/// Which items of a listing count: those that have one of the texts at each path of `only`, and none of those
/// at a path of `except`. An empty path is the item itself.
struct ItemFilter {
  using Texts = std::vector<std::pair<std::string, std::vector<TextTemplate>>>;
  Texts only, except;
  bool empty() const { return only.empty() && except.empty(); }
};

/// How edges between accounts and entitlements are read.
struct MembershipReading {
  enum class From { nowhere, user, listing, per_group, per_user } from = From::nowhere;
  InnerMemberships inner;                         ///< user: in the user object
  ItemFilter counts;                              ///< other items are nobody's business
  Listing listing;                                ///< listing, per_group, per_user
  std::string account, entitlement, details, id;  ///< dotted paths in an item; id: of the edge itself
  std::optional<Listing> of_user;                 ///< the edges of one account, for reading it back
  std::string of_user_entitlement, of_user_details, of_user_id;  ///< dotted paths in an item of it
};

/// One kind of entitlement.
struct EntitlementRecipe {
  std::string kind, about;
  std::optional<Listing> listing;
  ItemFilter managed;           ///< of the listing: nobody manages the others, nor who is in them
  std::string id, name, scope;  ///< dotted paths in an item of the listing
  MembershipReading memberships;
  std::optional<Call> add, change, remove;
  std::optional<Call> allowed;  ///< asks whether we may change who is in one
  std::optional<Call> set;  ///< one call that sets all memberships of an account, in place of add and remove
  bool add_before_remove = true;
  bool keeps_last = false;
  bool parallel = false;  ///< requests that change one group at the same time lose nothing
  std::size_t batch = 0;  ///< accounts that one request adds or removes at most; 0: it is about one
  std::vector<std::string> details, default_details;
  std::optional<Expression> closure;
};

/// Getting one object.
struct Lookup {
  Call call;
  std::string object;  ///< dotted path of the object in the reply, or in an item of its list
  std::string items;   ///< find: dotted path of the list, when the reply is one
  bool list = false;   ///< find: the reply is a list
};

struct CreateRecipe {
  Call call;
  std::string object;              ///< dotted path of the new object in the reply
  std::string id;                  ///< dotted path of the new id in it
  std::string secret;              ///< dotted path in the body where the first secret goes
  bool takes_secret = false;       ///< the first secret goes there, or where an expression puts it
  bool disabled = false;           ///< can create disabled accounts
  std::vector<std::string> gives;  ///< kinds of entitlements whose memberships the call carries
  std::string answers;             ///< dotted path of a secret that the platform made, in the reply…
  std::optional<Call> ask;         ///< …or in the reply to this call
  std::vector<Call> then;          ///< what makes the new account whole, in this order
  std::optional<std::chrono::seconds> session_proven;  ///< a reading call must have worked so recently
  std::optional<std::chrono::seconds> lag;  ///< so long a listing and a search may not show the new account
};

struct UpdateRecipe {
  std::string name;
  std::vector<std::string> attributes;
  Call call;
};

struct AttributeRecipe {
  AttributePlace place;
  std::string written;                  ///< dotted path in bodies
  std::optional<Expression> as;         ///< what is written there, over `value`; none: the value itself
  std::optional<nlohmann::json> empty;  ///< what is written to empty it
};

/// One step of locking and unlocking: a call, or every credential of a kind.
struct Step {
  std::optional<Call> call;
  std::string revoke, rotate;  ///< kind of credential
};

/// One kind of credential.
struct CredentialRecipe {
  CredentialKind kind;
  std::optional<Listing> list;
  std::string id, name, expires;                           ///< dotted paths in an item of it
  std::vector<std::pair<std::string, TextTemplate>> only;  ///< what an item must have to count
  std::vector<Call> rotate;
  std::string answers;  ///< dotted path of the new secret in the last reply
  std::optional<Call> revoke;
};

struct UserRecipe {
  std::string id, key, label;
  ActiveRule active;
  std::vector<AttributeRecipe> attributes;
  std::vector<Listing> listings;
  std::optional<Lookup> get, self;
  std::vector<Lookup> finds;  ///< by key: the first one that answers an account counts
  TextTemplate self_id;       ///< the id of our own account, where the options say it
  std::optional<CreateRecipe> create;
  std::vector<UpdateRecipe> updates;
  std::vector<Call> enable, disable, remove;  ///< in this order; empty: cannot
  std::vector<Step> lock, unlock;
  Locking locking;
  bool updates_need_active = false;
  bool permanent = false;               ///< accounts cannot be deleted by anybody
  std::optional<Call> sees_everything;  ///< works when the account we work as is shown everybody
  std::vector<std::string> omits;       ///< what a listing leaves out though it exists: "pending", "disabled"
};

/// One way to log in.
struct AuthRecipe {
  std::optional<Expression> when;  ///< none: always
  enum class Kind { none, basic, headers, session, oauth2 } kind = Kind::none;
  TextTemplate user, password;                                ///< basic
  std::vector<std::pair<std::string, TextTemplate>> headers;  ///< headers, session
  std::optional<Call> login, refresh;                         ///< session; oauth2: login
  std::string token, token_header, refresh_token;             ///< dotted paths in the login's reply
  std::string expires_in;                    ///< dotted path, seconds; empty: from the token itself
  std::optional<std::chrono::seconds> life;  ///< when neither says
  std::vector<int> refresh_on{401};
};

struct Recipe {
  std::string name, about, documentation, file;
  std::string text;       ///< the file itself
  bool variants = false;  ///< some of it depends on options: load_for() tells
  std::string chosen;     ///< the numbers of the variants that count: "0 2"
  std::vector<Option> options;
  std::shared_ptr<const Language> language;
  TextTemplate base;
  std::vector<std::pair<std::string, TextTemplate>> headers;  ///< of every request
  std::chrono::milliseconds read_timeout{30'000}, total_timeout{120'000};
  http::Budget budget;
  std::vector<AuthRecipe> auth;
  std::vector<ErrorRule> errors;
  UserRecipe user;
  std::vector<EntitlementRecipe> entitlements;
  std::vector<CredentialRecipe> credentials;  ///< sorted by kind
  std::vector<std::string> leaving;           ///< kinds of credentials
  SecretRule secrets;

  const CredentialRecipe* credential(std::string_view kind) const;
  const EntitlementRecipe* entitlement(std::string_view kind) const;
};

/// So many changes of memberships go in one request at most, whatever a recipe says: each waits in a thread.
inline constexpr std::size_t most_together = 256;

/// What a budget can be at most: requests a second, and requests at once.
inline constexpr double most_rate = 1e6;
inline constexpr int most_concurrency = 256;

/// Options every recipe has: timeouts, proxy, certificates, budget.
const std::vector<Option>& common_options();

/// What stands in `config` beside the options: the list Settings::needs, and what it is where that says
/// nothing.
inline constexpr const char* needs_name = "needs";
nlohmann::json needs_everything();

/// Reads a recipe as it is with all options at their defaults, and checks its variants too; every mistake at
/// once, located in `file`. Never throws for what stands in the text.
tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> load(const std::string& text,
                                                                          const std::string& file);

/// Reads a recipe as it is for one platform's options.
tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> load_for(const nlohmann::json& config,
                                                                              const std::string& text,
                                                                              const std::string& file);

}  // namespace usher::recipe
