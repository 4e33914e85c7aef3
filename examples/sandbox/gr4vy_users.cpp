#include <charconv>
#include <nlohmann/json.hpp>

#include "examples/sandbox/gr4vy.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

constexpr std::int64_t seven_days = 7 * 86400;
constexpr std::size_t reset_token_length = 100;
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Where a page begins: beyond the row of this serial, towards older rows ('n') or newer ones ('p').
struct Cursor {
  char direction = 'n';
  std::int64_t serial = INT64_MAX;
};

std::string cursor_text(char direction, std::string_view id, std::int64_t serial) {
  return base64url(direction + std::string(id) + ',' + std::to_string(serial));
}

std::optional<Cursor> read_cursor(const std::string& text) {
  const std::string plain = base64_decode(text);
  const std::size_t comma = plain.find(',');
  if (comma == std::string::npos || (plain[0] != 'n' && plain[0] != 'p')) return std::nullopt;
  Cursor cursor{plain[0], 0};
  const auto [end, failure] =
      std::from_chars(plain.data() + comma + 1, plain.data() + plain.size(), cursor.serial);
  if (failure != std::errc() || end != plain.data() + plain.size()) return std::nullopt;
  return cursor;
}

}  // namespace

std::string Gr4vy::render(const User& user) const {
  std::string out;
  out.reserve(400);
  out = '{';
  append_member(out, "type", "user");
  append_member(out, "id", user.id);
  append_member(out, "name", user.name);
  const std::string spelling = options_.switches.text("gr4vy.email-field");
  if (spelling != "email_address") append_member(out, "email_adress", user.mail);
  if (spelling != "email_adress") append_member(out, "email_address", user.mail);
  append_name(out, "has_valid_password");
  out += user.secret != 0 ? "true" : "false";
  if (user.reset_token.empty()) {
    out += ",\"reset_token\":null,\"reset_token_expires_at\":null";
  } else {
    append_member(out, "reset_token", user.reset_token);
    append_member(out, "reset_token_expires_at", rfc3339(user.reset_expires * 1'000'000));
  }
  if (is_2023()) {
    append_member(out, "status", user.secret != 0 ? "active" : "pending");
    append_name(out, "last_logged_in_at");
    out += user.seen == 0 ? "null" : '"' + rfc3339(user.seen) + '"';
    out += ",\"merchant_accounts\":[],\"roles\":[";
    for (const std::string& id : user.roles)
      out.append(out.back() == '[' ? "" : ",").append(role_json(*role_of(id)));
    out += ']';
  }
  return out += '}';
}

Reply Gr4vy::answer(int status, const User& user, std::string_view effect) const {
  Reply reply;
  reply.status = status;
  reply.body = render(user);
  reply.effect = effect;
  reply.subject = user.id;
  return reply;
}

Gr4vy::Or<std::size_t> Gr4vy::limit_of(const Call& call) const {
  const std::string text = call.parameter("limit", "20");
  std::size_t limit = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (failure != std::errc() || end != text.data() + text.size() || limit < 1 || limit > 100)
    return tl::make_unexpected(bad("query", "limit", "ensure this value is between 1 and 100"));
  return limit;
}

/// The filters of 2023; 2021 has none and ignores them.
bool Gr4vy::fits(const User& user, const Call& call) const {
  if (!is_2023()) return true;
  const std::string search = call.parameter("search"), status = call.parameter("status"),
                    role = call.parameter("roles");
  return (search.empty() || contains_folded(user.name + ' ' + user.mail, search)) &&
         (status.empty() || status == (user.secret != 0 ? "active" : "pending")) &&
         (role.empty() || std::find(user.roles.begin(), user.roles.end(), role) != user.roles.end());
}

Reply Gr4vy::list_users(const Call& call, const Captures&) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  Cursor cursor;
  if (const std::string text = call.parameter("cursor"); !text.empty()) {
    const auto read = read_cursor(text);
    if (!read) return bad("query", "cursor", "the cursor is not valid");
    cursor = *read;
  }
  const Order<User>& order = users_.order();
  std::vector<const User*> rows;  // newest first
  bool older = false, newer = false;
  if (cursor.direction == 'n') {
    std::size_t at = order.before(cursor.serial);
    newer = at < order.size();
    for (; at > 0 && !older; --at) {
      if (!fits(order[at - 1], call)) continue;
      if (rows.size() == *limit)
        older = true;
      else
        rows.push_back(&order[at - 1]);
    }
  } else {
    std::size_t at = order.before(cursor.serial + 1);
    older = at > 0;
    for (; at < order.size() && !newer; ++at) {
      if (!fits(order[at], call)) continue;
      if (rows.size() == *limit)
        newer = true;
      else
        rows.insert(rows.begin(), &order[at]);
    }
  }
  Reply reply;
  reply.items = "items";
  reply.body = "{\"items\":[";
  for (const User* user : rows) reply.body.append(reply.body.back() == '[' ? "" : ",").append(render(*user));
  reply.body += "],\"limit\":" + std::to_string(*limit);
  const auto link = [&](const char* name, char direction, bool more, const User* row) {
    append_name(reply.body, name);
    if (more && row != nullptr)
      append_quoted(reply.body, cursor_text(direction, row->id, row->serial));
    else
      reply.body += "null";
  };
  link("next_cursor", 'n', older, rows.empty() ? nullptr : rows.back());
  link("previous_cursor", 'p', newer, rows.empty() ? nullptr : rows.front());
  reply.body += '}';
  return reply;
}

void Gr4vy::renew_reset_token(User& user) {
  user.reset_token = random_.word(reset_token_length, url_safe);
  user.reset_expires = clock_.seconds() + seven_days;
}

Reply Gr4vy::add_user(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto name = body->value("display_name", is_2023() ? body->value("name", "") : "");
  const auto mail = body->value("email_address", "");
  const auto roles = body->value("role_ids", std::vector<std::string>());
  if (body->contains("display_name") && (name.empty() || name.size() > 1000))
    return bad("body", "/display_name", "ensure this value has between 1 and 1000 characters");
  if (mail.empty() || mail.size() > 200 || mail.find('@') == std::string::npos)
    return bad("body", "/email_address", "value is not a valid email address");
  for (const std::string& id : roles)
    if (is_2023() && role_of(id) == nullptr) return bad("body", "/role_ids", "no role has this id");
  if (const auto taken = by_mail_.find(lower(mail)); taken != by_mail_.end()) {
    Reply reply = error(409, "duplicate_record", "A duplicate record exists with this email_address value");
    if (!options_.switches.flag("gr4vy.duplicate-names-resource")) return reply;
    json whole = json::parse(reply.body);
    whole["resource_id"] = taken->second->id;
    reply.body = whole.dump();
    return reply;
  }
  User user;
  user.id = random_.uuid();
  user.name = name;
  user.mail = mail;
  user.created = clock_.stamp();
  if (is_2023()) user.roles = roles;
  renew_reset_token(user);
  return answer(static_cast<int>(options_.switches.number("gr4vy.create-status")), add(std::move(user)),
                "user.create");
}

Reply Gr4vy::get_user(const Call&, const Captures& ids) {
  const User* user = users_.find(ids[0]);
  return user == nullptr ? not_found() : answer(200, *user, "");
}

Reply Gr4vy::update_user(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return not_found();
  const auto roles = body->value("role_ids", user->roles);
  const auto name = body->value("name", user->name);
  for (const std::string& id : roles)
    if (role_of(id) == nullptr) return bad("body", "/role_ids", "no role has this id");
  user->roles = roles;
  user->name = name;
  return answer(200, *user, "user.update");
}

Reply Gr4vy::delete_user(const Call&, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr) return not_found();
  erase(*user);
  Reply reply = empty_reply(204);
  reply.effect = "user.delete";
  reply.subject = ids[0];
  return reply;
}

Reply Gr4vy::current_user(const Call& call, const Captures&) {
  const auto asking = caller(call);
  return *asking == nullptr ? unauthorized() : answer(200, **asking, "");
}

Reply Gr4vy::update_current(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto asking = caller(call);
  if (*asking == nullptr) return unauthorized();
  (*asking)->name = body->value("name", (*asking)->name);
  return answer(200, **asking, "user.update");
}

Reply Gr4vy::reset_password(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto found = by_mail_.find(lower(body->value("email_address", "")));
  if (found == by_mail_.end()) return empty_reply(204);
  renew_reset_token(*found->second);
  if (options_.switches.text("gr4vy.reset-answers") == "user")
    return answer(200, *found->second, "user.reset-password");
  Reply reply = empty_reply(204);
  reply.effect = "user.reset-password";
  reply.subject = found->second->id;
  return reply;
}

Reply Gr4vy::set_password(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto token = body->value("reset_token", ""), password = body->value("password", "");
  if (token.size() != reset_token_length)
    return bad("body", "/reset_token", "ensure this value has 100 characters");
  if (password.empty()) return bad("body", "/password", "field required");
  for (User* user : users_.order())
    if (user->reset_token == token && user->reset_expires > clock_.seconds()) {
      user->secret = digest_of(user->id, password);
      user->reset_token.clear();
      Reply reply = empty_reply(204);
      reply.effect = "user.password";
      reply.subject = user->id;
      return reply;
    }
  return bad("body", "/reset_token", "the token is not valid");
}

}  // namespace usher::sandbox
