#include <nlohmann/json.hpp>

#include "examples/sandbox/sigfox.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

constexpr std::string_view group_fields = "group(name,type,level,bssId,customerBssId)";
constexpr std::string_view profile_fields = "profiles(name,roles(name,perms(name)))";

bool is_timezone(const std::string& text) {
  return text == "UTC" || text == "GMT" || (text.find('/') != std::string::npos && text.size() <= 100);
}

/// Whether `fields` was sent with neither of the two expressions there are.
bool has_bad_fields(const Call& call) {
  const std::string fields = call.parameter("fields");
  return !fields.empty() && fields != group_fields && fields != profile_fields;
}

bool among(const std::string& list, std::string_view wanted) {
  const std::string fenced = ',' + list + ',';
  return fenced.find(',' + std::string(wanted) + ',') != std::string::npos;
}

}  // namespace

std::string Sigfox::render(const User& user, const Call& call) const {
  const std::string fields = call.parameter("fields");
  std::string group = "{";
  append_member(group, "id", user.group->id);
  if (fields == group_fields) {
    append_member(group, "name", user.group->name);
    group +=
        ",\"type\":" + std::to_string(user.group->type) + ",\"level\":" + std::to_string(user.group->level);
  }
  group += '}';
  std::string out;
  out.reserve(400);
  out = '{';
  append_member(out, "id", user.id);
  append_member(out, "name", user.name);
  if (!user.timezone.empty()) append_member(out, "timezone", user.timezone);
  append_name(out, "group");
  out += options_.switches.flag("sigfox.group-as-array") ? '[' + group + ']' : group;
  out += ",\"creationTime\":" + std::to_string(user.created);
  append_member(out, "accessToken", user.access_token);
  append_name(out, "profiles");
  out += '[';
  for (const Profile* profile : user.profiles) {
    std::string one = "{";
    append_member(one, "id", profile->id);
    if (fields == profile_fields) append_member(one, "name", profile->name);
    out.append(out.back() == '[' ? "" : ",").append(one).append("}");
  }
  out += ']';
  if (call.parameter("authorizations") == "true")
    out += R"(,"actions":["base:read","base:update","base:delete"],"resources":["profiles"])";
  return out += '}';
}

Reply Sigfox::changed(const User& user, std::string_view effect) {
  Reply reply = empty_reply(204);
  reply.effect = effect;
  reply.subject = user.id;
  return reply;
}

Reply Sigfox::list_users(const Call& call, const Captures&) {
  const auto window = window_of(call);
  if (!window) return window.error();
  if (has_bad_fields(call)) return bad("query", "fields", "is not one of the expressions that are allowed");
  const std::string profile = call.parameter("profileId"), groups = call.parameter("groupIds");
  std::size_t total = 0;
  std::string rows;
  const auto show = [&](const User& user) {
    rows.append(rows.empty() ? "" : ",").append(render(user, call));
  };
  if (profile.empty() && groups.empty()) {
    total = users_.size();
    for (std::size_t i = window->offset; i < std::min(total, window->offset + window->limit); ++i)
      show(users_[i]);
  } else {
    for (const User* user : users_.order()) {
      if (!groups.empty() && !among(groups, user->group->id)) continue;
      if (!profile.empty() && std::none_of(user->profiles.begin(), user->profiles.end(),
                                           [&](const Profile* one) { return one->id == profile; }))
        continue;
      if (total >= window->offset && total < window->offset + window->limit) show(*user);
      ++total;
    }
  }
  return page(call, *window, total, rows, false);
}

/// The profiles a body names, under the name or names the switch allows; nothing at all is an empty list.
Sigfox::Or<std::vector<const Sigfox::Profile*>> Sigfox::profiles_in(const json& body) const {
  const std::string name = options_.switches.text("sigfox.profile-field");
  std::vector<const Profile*> profiles;
  for (const char* key : {"profileIds", "profileId"}) {
    if ((name != "both" && name != key) || !body.contains(key)) continue;
    for (const auto& id : body[key].get<std::vector<std::string>>()) {
      profiles.push_back(profiles_.find(id));
      if (profiles.back() == nullptr)
        return tl::make_unexpected(message(404, "Profile " + id + " not found"));
    }
  }
  return profiles;
}

Reply Sigfox::create_user(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User user;
  user.name = body->value("name", "");
  user.timezone = body->value("timezone", "");
  const auto group = body->value("groupId", "");
  if (user.name.empty() || user.name.size() > 100)
    return bad("body", "name", "must have 1 to 100 characters");
  if (!is_timezone(user.timezone)) return bad("body", "timezone", "must be a time zone id in full form");
  if (group.empty()) return bad("body", "groupId", "is required");
  const auto profiles = profiles_in(*body);
  if (!profiles) return profiles.error();
  if (profiles->empty()) return bad("body", "profileIds", "at least one profile is required");
  user.group = groups_.find(group);
  if (user.group == nullptr) return message(404, "Group " + group + " not found");
  user.profiles = *profiles;
  user.id = random_.hex(24);
  user.access_token = random_.hex(64);
  user.created = stamp_ms();
  const User& added = users_.add(std::move(user));
  Reply reply = json_reply(201, {{"id", added.id}});
  reply.headers.emplace_back("Location", "/v2/api-users/" + added.id);
  reply.effect = "user.create";
  reply.subject = added.id;
  return reply;
}

Reply Sigfox::get_user(const Call& call, const Captures& ids) {
  const User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  if (has_bad_fields(call)) return bad("query", "fields", "is not one of the expressions that are allowed");
  Reply reply;
  reply.body = render(*user, call);
  return reply;
}

/// Absent is untouched; null empties what is optional.
Reply Sigfox::update_user(const Call& call, const Captures& ids) {
  auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  if (body->value("timezone", json("")).is_null()) (*body)["timezone"] = "";
  const auto name = body->value("name", user->name), timezone = body->value("timezone", user->timezone);
  if (name.empty() || name.size() > 100) return bad("body", "name", "must have 1 to 100 characters");
  if (!timezone.empty() && !is_timezone(timezone))
    return bad("body", "timezone", "must be a time zone id in full form");
  const auto profiles = profiles_in(*body);
  if (!profiles) return profiles.error();
  const bool names_profiles = body->contains("profileIds") || body->contains("profileId");
  const bool replaces = options_.switches.text("sigfox.put-profiles") == "replace";
  if (names_profiles && replaces && profiles->empty())
    return bad("body", "profileIds", "at least one profile is required");
  user->name = name;
  user->timezone = timezone;
  if (names_profiles && replaces) user->profiles.clear();
  for (const Profile* profile : *profiles)
    if (std::find(user->profiles.begin(), user->profiles.end(), profile) == user->profiles.end())
      user->profiles.push_back(profile);
  return changed(*user, "user.update");
}

Reply Sigfox::delete_user(const Call&, const Captures& ids) {
  const User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  Reply reply = changed(*user, "user.delete");
  users_.erase(*user);
  return reply;
}

Reply Sigfox::add_profiles(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  const auto profiles = profiles_in(*body);
  if (!profiles) return profiles.error();
  if (profiles->empty()) return bad("body", "profileIds", "is required");
  bool any = false;
  for (const Profile* profile : *profiles) {
    if (std::find(user->profiles.begin(), user->profiles.end(), profile) != user->profiles.end()) continue;
    user->profiles.push_back(profile);
    any = true;
  }
  return changed(*user, any ? "user.profiles.add" : "");
}

Reply Sigfox::remove_profile(const Call&, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  const auto held = std::find_if(user->profiles.begin(), user->profiles.end(),
                                 [&](const Profile* one) { return one->id == ids[1]; });
  if (held == user->profiles.end()) return message(404, "Profile not found");
  if (user->profiles.size() == 1 && !options_.switches.flag("sigfox.last-profile-removable"))
    return bad("path", "profileId", "the last profile cannot be removed");
  user->profiles.erase(held);
  return changed(*user, "user.profiles.remove");
}

Reply Sigfox::renew(const Call&, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr) return message(404, "API user not found");
  user->access_token = random_.hex(64);
  Reply reply = json_reply(200, {{"accessToken", user->access_token}});
  reply.effect = "user.credential";
  reply.subject = user->id;
  return reply;
}

}  // namespace usher::sandbox
