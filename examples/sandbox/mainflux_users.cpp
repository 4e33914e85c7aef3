#include <charconv>
#include <nlohmann/json.hpp>

#include "examples/sandbox/mainflux.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t longest_page = 100;

bool is_mail(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const std::string_view domain = text.substr(at + 1);
  const std::size_t dot = domain.rfind('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() && domain.size() - dot - 1 <= 24;
}

/// The number in a query parameter; false when it is none.
bool read_number(const Call& call, const std::string& name, std::size_t& value) {
  const auto found = call.query.find(name);
  if (found == call.query.end()) return true;
  const std::string& text = found->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

/// Whether `whole` contains `part` as PostgreSQL's @> has it: objects member by member, the rest by equality.
bool contains(const json& whole, const json& part) {
  if (part.is_object() && whole.is_object())
    return std::all_of(part.items().begin(), part.items().end(), [&whole](const auto& member) {
      return whole.contains(member.key()) && contains(whole[member.key()], member.value());
    });
  if (part.is_array() && whole.is_array())
    return std::all_of(part.begin(), part.end(), [&whole](const json& wanted) {
      return std::any_of(whole.begin(), whole.end(),
                         [&wanted](const json& one) { return contains(one, wanted); });
    });
  return whole == part;
}

/// A hash in the shape bcrypt's have.
std::string bcrypt_like(std::uint64_t secret) {
  constexpr std::string_view alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return "$2a$10$" + Random(secret).word(53, alphabet);
}

}  // namespace

Mainflux::Or<Mainflux::Page> Mainflux::page_of(const Call& call) {
  const auto refusal = [] {
    return tl::make_unexpected(error(500, "invalid query parameters", bad_request));
  };
  for (auto at = call.query.begin(); at != call.query.end(); at = call.query.upper_bound(at->first))
    if (call.query.count(at->first) > 1) return refusal();
  Page page;
  if (!read_number(call, "limit", page.limit) || !read_number(call, "offset", page.offset)) return refusal();
  page.status = call.parameter("status", "enabled");
  if (page.status != "enabled" && page.status != "disabled" && page.status != "all")
    return tl::make_unexpected(error(500, "invalid client status", bad_request));
  return page;
}

std::string Mainflux::render(const User& user, bool as_member, std::string_view hash) {
  constexpr Escapes html = Escapes::html;
  std::string out = "{";
  append_member(out, "id", user.id);
  if (!user.name.empty()) append_member(out, "name", user.name, html);
  if (!user.tags.empty()) {
    append_name(out, "tags");
    char separator = '[';
    for (const std::string& tag : user.tags) {
      out += separator;
      append_quoted(out, tag, html);
      separator = ',';
    }
    out += ']';
  }
  if (!user.owner.empty() && !as_member) append_member(out, "owner", user.owner, html);
  append_name(out, "credentials");
  out += '{';
  append_member(out, "identity", user.identity, html);
  if (!hash.empty()) append_member(out, "secret", hash);
  out += '}';
  if (!user.metadata.empty()) append_name(out, "metadata"), out += user.metadata;
  append_member(out, "created_at", rfc3339(user.created));
  append_member(out, "updated_at", rfc3339(user.updated));
  if (!user.updated_by.empty() && !as_member) append_member(out, "updated_by", user.updated_by);
  append_member(out, "status", user.enabled ? "enabled" : "disabled");
  return out += '}';
}

Reply Mainflux::create_user(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const json credentials = body->value("credentials", json::object());
  const auto identity = credentials.value("identity", ""), secret = credentials.value("secret", "");
  const auto status = body->value("status", "enabled"), role = body->value("role", "user");
  User user;
  user.name = body->value("name", "");
  if (user.name.size() > 1024) return error(400, "invalid name size", bad_request);
  if (secret.empty()) return error(400, "missing secret", bad_request);
  if (!is_mail(identity)) return error(400, "malformed entity specification", bad_request);
  if (status != "enabled" && status != "disabled")
    return error(400, "invalid client status", "malformed entity specification");
  if (role != "user" && role != "admin")
    return error(400, "invalid client role", "malformed entity specification");
  if (user.name.size() > 254) return error(400, "value too long", "malformed entity specification");
  if (by_identity_.contains(identity))
    return error(409, "entity already exists", "failed to create entity in the db");
  const auto creator = caller(call);  // a token that is dead is no obstacle: the user then has no owner
  user.id = random_.uuid();
  user.tags = body->value("tags", std::vector<std::string>());
  user.owner = body->value("owner", creator ? (*creator)->id : "");
  user.identity = identity;
  user.secret = digest_of(user.id, secret);
  if (body->contains("metadata") && !(*body)["metadata"].get<json::object_t>().empty())
    user.metadata = (*body)["metadata"].dump();
  user.enabled = status == "enabled";
  user.admin = role == "admin";
  user.created = clock_.stamp();
  const User& added = add_user(std::move(user));
  Reply reply;
  reply.status = 201;
  reply.body = added.json;
  reply.headers.emplace_back("Location", "/users/" + added.id);
  reply.effect = "user.create";
  reply.subject = added.id;
  return reply;
}

Reply Mainflux::list_users(const Call& call, const Captures&) {
  const auto page = page_of(call);
  if (!page) return page.error();
  if (page->limit < 1 || page->limit > longest_page) return error(500, "invalid limit size", bad_request);
  const json metadata =
      call.has("metadata") ? json::parse(call.parameter("metadata"), nullptr, false) : json();
  if (call.has("metadata") && !metadata.is_object())
    return error(500, "invalid query parameters", bad_request);
  const auto asking = caller(call);
  if (!asking) return asking.error();

  const Order<User>& rows = page->status == "all"       ? users_.order()
                            : page->status == "enabled" ? enabled_
                                                        : disabled_;
  std::string owner = call.parameter("owner_id");
  if (!(*asking)->admin || call.parameter("visibility") == "mine") owner = (*asking)->id;
  const auto name = call.parameter("name"), identity = call.parameter("identity"),
             tag = call.parameter("tag");
  const auto fits = [&](const User& user) {
    return (name.empty() || user.name == name) && (owner.empty() || user.owner == owner) &&
           (identity.empty() || user.identity == identity) &&
           (tag.empty() || std::find(user.tags.begin(), user.tags.end(), tag) != user.tags.end()) &&
           (metadata.is_null() || (!user.metadata.empty() && contains(json::parse(user.metadata), metadata)));
  };

  std::size_t total = 0;
  std::string items;
  const auto show = [&](const User& user) {
    if (!items.empty()) items += ',';
    items += user.json;
  };
  const bool filtered = !(name.empty() && owner.empty() && tag.empty() && metadata.is_null());
  if (!identity.empty()) {
    const auto found = by_identity_.find(identity);
    const bool counts = found != by_identity_.end() && fits(*found->second) &&
                        (page->status == "all" || found->second->enabled == (page->status == "enabled"));
    total = counts ? 1 : 0;
    if (counts && page->offset == 0) show(*found->second);
  } else if (filtered) {
    for (const User* user : rows)
      if (fits(*user) && total++ >= page->offset && total <= page->offset + page->limit) show(*user);
  } else {
    total = rows.size();
    const std::size_t end = std::min(total, page->offset + page->limit);
    if (page->offset < end) items.reserve((end - page->offset) * 400);
    for (std::size_t i = page->offset; i < end; ++i) show(rows[i]);
  }
  Reply reply;
  reply.items = "users";
  reply.body.reserve(items.size() + 80);
  reply.body = "{\"limit\":" + std::to_string(page->limit);
  if (page->offset > 0) reply.body += ",\"offset\":" + std::to_string(page->offset);
  if (total > 0) reply.body += ",\"total\":" + std::to_string(total);
  reply.body.append(",\"users\":[").append(items).append("]}\n");
  return reply;
}

Reply Mainflux::get_user(const Call& call, const Captures& ids) {
  const auto asking = administrator_or(call, ids[0]);
  const User* user = users_.find(ids[0]);
  const bool owned = user != nullptr && [&] {
    const auto anyone = caller(call);
    return anyone && user->owner == (*anyone)->id;
  }();
  if (!asking && !owned) return asking.error();
  if (user == nullptr) return error(404, "entity not found", "view entity failed");
  Reply reply;
  reply.body = user->json;
  return reply;
}

Reply Mainflux::profile(const Call& call, const Captures&) {
  const auto asking = caller(call);
  if (!asking) return asking.error();
  Reply reply;
  reply.body = (*asking)->json;
  return reply;
}

Mainflux::Or<Mainflux::User*> Mainflux::user_to_edit(const Call& call, std::string_view id) {
  User* user = users_.find(id);
  auto asking = caller(call);
  if (!asking) return tl::make_unexpected(asking.error());
  const bool allowed =
      (*asking)->admin || (*asking)->id == id || (user != nullptr && user->owner == (*asking)->id);
  if (!allowed) return tl::make_unexpected(error(403, "", "failed to perform authorization over the entity"));
  if (user == nullptr || !user->enabled)  // the statement says: where status is enabled
    return tl::make_unexpected(error(404, "entity not found", "update entity failed"));
  return user;
}

Reply Mainflux::edited(User& user, const Call& call, std::string_view effect, bool with_hash) {
  user.updated = clock_.stamp();
  if (const auto asking = caller(call)) user.updated_by = (*asking)->id;
  saved(user);
  Reply reply;
  reply.body = with_hash ? render(user, false, bcrypt_like(user.secret)) : user.json;
  reply.effect = effect;
  reply.subject = user.id;
  return reply;
}

Reply Mainflux::update_user(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto name = body->value("name", "");
  const bool has_metadata = body->contains("metadata");
  const json::object_t metadata = body->value("metadata", json::object()).get<json::object_t>();
  const auto user = user_to_edit(call, ids[0]);
  if (!user) return user.error();
  if (name.size() > 254) return error(400, "value too long", "malformed entity specification");
  if (!name.empty()) (*user)->name = name;
  if (has_metadata) (*user)->metadata = metadata.empty() ? "" : json(metadata).dump();
  return edited(**user, call, "user.update", true);
}

Reply Mainflux::update_tags(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  auto tags = body->value("tags", std::vector<std::string>());
  const auto user = user_to_edit(call, ids[0]);
  if (!user) return user.error();
  (*user)->tags = std::move(tags);
  return edited(**user, call, "user.tags");
}

Reply Mainflux::update_identity(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto identity = body->value("identity", "");  // nested in credentials it is not found: empty it is
  const auto user = user_to_edit(call, ids[0]);
  if (!user) return user.error();
  if (const auto taken = by_identity_.find(identity); taken != by_identity_.end() && taken->second != *user)
    return error(409, "entity already exists", "update entity failed");
  by_identity_.erase((*user)->identity);
  (*user)->identity = identity;
  by_identity_[identity] = *user;
  return edited(**user, call, "user.identity");
}

Reply Mainflux::update_owner(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto owner = body->value("owner", "");
  const auto user = user_to_edit(call, ids[0]);
  if (!user) return user.error();
  (*user)->owner = owner;
  return edited(**user, call, "user.owner");
}

Reply Mainflux::update_secret(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto old_secret = body->value("old_secret", ""), new_secret = body->value("new_secret", "");
  if (old_secret.empty() || new_secret.empty()) return error(400, "missing secret", bad_request);
  const auto asking = caller(call);
  if (!asking) return asking.error();
  if (new_secret.size() < 8) return error(500, "", "password does not meet the requirements");
  if (!(*asking)->enabled) return error(404, "entity not found", "update entity failed");
  if ((*asking)->secret != digest_of((*asking)->id, old_secret))
    return error(500, "failed to compare secret and hashed secret", "invalid user id or secret");
  (*asking)->secret = digest_of((*asking)->id, new_secret);
  return edited(**asking, call, "user.password");
}

Reply Mainflux::post_enable(const Call& call, const Captures& ids) {
  return switch_user(call, ids[0], true);
}

Reply Mainflux::post_disable(const Call& call, const Captures& ids) {
  return switch_user(call, ids[0], false);
}

Reply Mainflux::switch_user(const Call& call, std::string_view id, bool enabled) {
  const std::string_view outer = enabled ? "failed to enable client" : "failed to disable client";
  const auto asking = administrator_or(call, id);
  if (!asking) return asking.error();
  User* user = users_.find(id);
  if (user == nullptr) return error(404, "entity not found", outer);
  if (user->enabled == enabled) return error(500, "status already assigned", outer);
  set_enabled(*user, enabled);
  Reply reply;
  reply.body = user->json;
  reply.effect = enabled ? "user.enable" : "user.disable";
  reply.subject = user->id;
  return reply;
}

}  // namespace usher::sandbox
