#include <nlohmann/json.hpp>

#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/recipe_shape.hpp"

namespace usher::recipe {

ItemFilter Loader::filter(Mapping& from) {
  const auto texts_of = [&](const Node& node) {
    std::vector<TextTemplate> texts;
    if (!node.is_list()) return std::vector<TextTemplate>{text(node, {Variable::config})};
    for (const Node& one : node.items) texts.push_back(text(one, {Variable::config}));
    return texts;
  };
  const auto read = [&](const char* key) {
    ItemFilter::Texts paths;
    const Node& node = from.at(key);
    if (!is_given(node)) return paths;
    if (!node.is_map()) {
      paths.emplace_back("", texts_of(node));
    } else {
      for (const Entry& entry : node.entries) paths.emplace_back(entry.key.text, texts_of(entry.value));
    }
    return paths;
  };
  return {read("only"), read("except")};
}

MembershipReading Loader::memberships(const std::string& kind, const Node& node) {
  MembershipReading reading;
  if (!is_given(node)) return reading;
  const std::string what = "entitlements." + kind + ".memberships";
  if (!node.is_map()) {
    document_.mistake(node, what + " must be a mapping");
    return reading;
  }
  if (node.find("field") != nullptr) {
    Mapping from(document_, node, what, memberships_of_user_shape());
    reading.counts = filter(from);
    reading.from = MembershipReading::From::user;
    reading.inner.kind = kind;
    reading.inner.place = from.text("field").value_or("");
    reading.inner.id = from.text("entitlement").value_or("");
    reading.inner.details = from.text("details").value_or("");
    reading.id = from.path("id").value_or("");
    return reading;
  }
  const bool for_each = node.find("per") != nullptr;
  Mapping from(document_, node, what, for_each ? memberships_per_shape() : memberships_listed_shape());
  reading.counts = filter(from);
  reading.account = from.text("account").value_or("");
  reading.entitlement = from.text("entitlement").value_or("");
  reading.details = from.text("details").value_or("");
  reading.id = from.path("id").value_or("");
  Known known{Variable::config};
  reading.from = MembershipReading::From::listing;
  if (for_each) {
    const bool of_group = from.choice("per").value_or(0) == 0;
    reading.from = of_group ? MembershipReading::From::per_group : MembershipReading::From::per_user;
    known.push_back(of_group ? Variable::entitlement : Variable::account);
  }
  if (const Node& list = from.at("list"); is_given(list))
    reading.listing = listing(list, known, what + ".list");
  if (const Node& of_user = from.at("of-user"); is_given(of_user)) {
    Mapping own(document_, of_user, what + ".of-user", own_listing_shape());
    reading.of_user_entitlement = own.text("entitlement").value_or(reading.entitlement);
    reading.of_user_details = own.text("details").value_or(reading.details);
    reading.of_user_id = own.path("id").value_or(reading.id);
    reading.of_user = listing(own, {Variable::config, Variable::account});
  }
  const bool by_id = reading.listing.paging.by == PagingKind::last_id ||
                     (reading.of_user && reading.of_user->paging.by == PagingKind::last_id);
  if (by_id && reading.id.empty())
    document_.mistake(node, "pages by the last id need 'id': where the edge's own id stands in an item");
  return reading;
}

/// A call for many accounts can say nothing of a single one.
void Loader::check_batch(const Call& call, const Node& node) {
  if (!uses(call, Variable::members))
    document_.mistake(node,
                      "with 'batch' a call is about many accounts: it reads 'members', a list of their ids");
  if (call.replace) document_.mistake(node, "'replace' is about one account, 'batch' about many");
  if (call.reads_edge_id) document_.mistake(node, "'membership.id' is about one account, 'batch' about many");
}

EntitlementRecipe Loader::entitlement(const std::string& kind, const Node& node) {
  EntitlementRecipe result;
  result.kind = kind;
  const std::string what = "entitlements." + kind;
  Mapping from(document_, node, what, entitlement_shape());
  result.about = from.text("about").value_or("");
  if (const Node& list = from.at("list"); is_given(list)) {
    Mapping groups(document_, list, what + ".list", managed_listing_shape());
    result.managed = filter(groups);
    result.listing = listing(groups, {Variable::config});
  }
  result.id = from.path("id").value_or("id");
  result.name = from.text("name").value_or("name");
  result.scope = from.text("scope").value_or("");
  result.memberships = memberships(kind, from.at("memberships"));
  const Known edge{Variable::config, Variable::account, Variable::membership, Variable::fresh,
                   Variable::etag};
  const Known many{Variable::config, Variable::membership, Variable::members};
  if (const Node& batch = from.at("batch"); is_given(batch)) {
    Mapping how(document_, batch, what + ".batch", batch_shape());
    result.batch = static_cast<std::size_t>(how.integer("max").value_or(0));
  }
  const auto one = [&](const char* key) -> std::optional<Call> {
    const Node& found = from.at(key);
    if (!is_given(found)) return std::nullopt;
    Mapping call_from(document_, found, what + "." + key, call_shape());
    const bool batched = result.batch > 0 && key != std::string("change");
    Call read = call(call_from, batched ? many : edge);
    if (batched) check_batch(read, found);
    if (read.reads_edge_id && key == std::string("add"))
      document_.mistake(found, "a membership has no id of its own before it is there");
    else if (read.reads_edge_id && result.memberships.id.empty())
      document_.mistake(found, "membership.id needs 'id' in 'memberships': where it stands in an item");
    return read;
  };
  result.add = one("add");
  result.change = one("change");
  result.remove = one("remove");
  if (const Node& set = from.at("set"); is_given(set)) {
    Known known = edge;
    known.push_back(Variable::memberships);
    Mapping call_from(document_, set, what + ".set", call_shape());
    result.set = call(call_from, known);
    if (result.add || result.remove) document_.mistake(set, "'set' takes the place of 'add' and 'remove'");
    if (result.batch > 0) document_.mistake(set, "'set' is about one account, 'batch' about many");
  }
  result.add_before_remove = from.boolean("add-before-remove").value_or(true);
  if (const Node& allowed = from.at("allowed"); is_given(allowed)) {
    Mapping question(document_, allowed, what + ".allowed", call_shape());
    result.allowed = call(question, {Variable::config, Variable::account, Variable::entitlement});
  }
  result.keeps_last = from.boolean("keeps-last").value_or(false);
  result.parallel = from.boolean("parallel").value_or(false);
  result.details = from.texts("details").value_or(std::vector<std::string>{});
  result.default_details = from.texts("default-details").value_or(std::vector<std::string>{});
  result.closure = expression(from.at("closure"), {Variable::details}, cel::Type::list(cel::Type::string()));
  if (result.memberships.from == MembershipReading::From::per_group && !result.listing) {
    document_.mistake(node, "memberships per group need 'list': the groups there are");
  }
  return result;
}

void Loader::session(AuthRecipe& method, const Node& node) {
  Mapping from(document_, node, "auth.session", session_shape());
  method.kind = AuthRecipe::Kind::session;
  if (const Node& login = from.at("login"); is_given(login)) {
    Mapping call_from(document_, login, "auth.session.login", call_shape());
    method.login = call(call_from, {Variable::config});
  }
  if (const Node& refresh = from.at("refresh"); is_given(refresh)) {
    Mapping call_from(document_, refresh, "auth.session.refresh", call_shape());
    method.refresh = call(call_from, {Variable::config, Variable::token, Variable::refresh_token});
  }
  method.token = from.text("token").value_or("");
  method.token_header = from.text("token-header").value_or("");
  for (char& c : method.token_header) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  if (method.token.empty() == method.token_header.empty()) {
    document_.mistake(node, "a session needs 'token' (where it stands in the reply) or 'token-header'");
  }
  method.refresh_token = from.text("refresh-token").value_or("");
  method.expires_in = from.text("expires-in").value_or("");
  if (const auto life = from.duration("life"))
    method.life = std::chrono::duration_cast<std::chrono::seconds>(*life);
  if (const auto statuses = from.texts("refresh-on")) {
    method.refresh_on.clear();
    for (const std::string& status : *statuses) method.refresh_on.push_back(std::atoi(status.c_str()));
  }
  method.headers = texts(from.at("headers"), {Variable::config, Variable::token}, "auth.session.headers");
  if (method.headers.empty()) {
    const Node usual = text_node("Bearer {token}");
    method.headers.emplace_back("Authorization", text(usual, {Variable::config, Variable::token}));
  }
}

void Loader::oauth2(AuthRecipe& method, const Node& node) {
  Mapping from(document_, node, "auth.oauth2", oauth2_shape());
  method.kind = AuthRecipe::Kind::oauth2;
  const Known known{Variable::config};
  Call& login = method.login.emplace();
  login.method = "POST";
  login.place = node.place;
  login.path = text(from.at("token-path"), known);
  const bool in_body = from.choice("client-in").value_or(0) == 1;
  method.user = text(from.at("client-id"), known);
  method.password = text(from.at("client-secret"), known);
  const Node grant = text_node("client_credentials");
  login.form.emplace_back("grant_type", text(grant, known));
  if (in_body) {
    login.form.emplace_back("client_id", method.user);
    login.form.emplace_back("client_secret", method.password);
    method.user = {};
  }
  for (const char* name : {"scope", "audience"}) {
    const Node& value = from.at(name);
    if (is_given(value)) login.form.emplace_back(name, text(value, known));
  }
  method.token = "access_token";
  method.expires_in = "expires_in";
  const Node usual = text_node("Bearer {token}");
  method.headers.emplace_back("Authorization", text(usual, {Variable::config, Variable::token}));
}

AuthRecipe Loader::auth_method(const Node& node) {
  AuthRecipe method;
  const Known known{Variable::config};
  if (node.is_scalar() && node.text == "none") return method;
  Mapping from(document_, node, "auth", method_shape());
  method.when = expression(from.at("when"), known, cel::Type::boolean());
  const Node& basic = from.at("basic");
  const Node& bearer = from.at("bearer");
  const Node& headers = from.at("headers");
  const Node& session_node = from.at("session");
  const Node& oauth2_node = from.at("oauth2");
  int kinds = 0;
  for (const Node* one : {&basic, &bearer, &headers, &session_node, &oauth2_node})
    kinds += is_given(*one) ? 1 : 0;
  if (kinds != 1) {
    document_.mistake(node, "auth is 'none' or one of basic, bearer, headers, session, oauth2");
    return method;
  }
  if (is_given(basic)) {
    Mapping how(document_, basic, "auth.basic", basic_shape());
    method.kind = AuthRecipe::Kind::basic;
    method.user = text(how.at("user"), known);
    method.password = text(how.at("password"), known);
  } else if (is_given(bearer)) {
    method.kind = AuthRecipe::Kind::headers;
    auto pieces = text(bearer, known).pieces();
    pieces.insert(pieces.begin(), {.literal = "Bearer ", .expression = {}});
    method.headers.emplace_back("Authorization", TextTemplate(std::move(pieces)));
  } else if (is_given(headers)) {
    method.kind = AuthRecipe::Kind::headers;
    method.headers = texts(headers, known, "auth.headers");
  } else if (is_given(session_node)) {
    session(method, session_node);
  } else {
    oauth2(method, oauth2_node);
  }
  return method;
}

std::vector<AuthRecipe> Loader::auth(const Node& node) {
  std::vector<AuthRecipe> methods;
  if (is_given(node) && node.is_list()) {
    for (const Node& one : node.items) methods.push_back(auth_method(one));
  } else if (is_given(node)) {
    methods.push_back(auth_method(node));
  }
  return methods;
}

}  // namespace usher::recipe
