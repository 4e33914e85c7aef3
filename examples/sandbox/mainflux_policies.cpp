#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/mainflux.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 10> actions{"g_add",    "g_delete", "g_update", "g_list", "c_delete",
                                                   "c_update", "c_list",   "m_write",  "m_read", "c_share"};
constexpr char g_list = 3, c_list = 6;

/// The position of an action in the list, or -1.
int action_of(std::string_view name) {
  const auto at = std::find(actions.begin(), actions.end(), name);
  return at == actions.end() ? -1 : static_cast<int>(at - actions.begin());
}

/// One character an action; empty when one of them is unknown or there are none.
std::string packed(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    const int action = action_of(name);
    if (action < 0) return {};
    if (result.find(static_cast<char>(action)) == std::string::npos) result += static_cast<char>(action);
  }
  return result;
}

/// What POST adds: whoever may do anything to a group or a client may list it.
void close(std::string& packed_actions) {
  const auto add = [&packed_actions](char action) {
    if (packed_actions.find(action) == std::string::npos) packed_actions += action;
  };
  const auto any = [&packed_actions](std::string_view prefix) {
    return std::any_of(packed_actions.begin(), packed_actions.end(), [prefix](char action) {
      return actions[static_cast<std::size_t>(action)].starts_with(prefix);
    });
  };
  const bool group = any("g_"), client = any("c_");
  if (group) add(g_list);
  if (client) add(c_list), add(g_list);
}

}  // namespace

Mainflux::Policy* Mainflux::policy_of(std::string_view user, std::string_view group) const {
  const User* subject = users_.find(user);
  if (subject == nullptr) return nullptr;
  for (const auto& policy : subject->policies)
    if (policy->object->id == group) return policy.get();
  return nullptr;
}

Mainflux::Policy& Mainflux::add_policy(User& user, Group& group, std::string packed_actions,
                                       const std::string& owner, std::int64_t now) {
  auto policy = std::make_unique<Policy>();
  policy->serial = ++last_policy_;
  policy->subject = &user;
  policy->object = &group;
  policy->actions = std::move(packed_actions);
  policy->owner = owner;
  policy->created = now;
  policies_.insert(*policy);
  group.members.insert(user);
  user.policies.push_back(std::move(policy));
  return *user.policies.back();
}

void Mainflux::erase_policy(User& user, Group& group) {
  group.members.erase(user);
  std::erase_if(user.policies, [&](const std::unique_ptr<Policy>& policy) {
    if (policy->object != &group) return false;
    policies_.erase(*policy);
    std::erase(edited_, policy.get());
    return true;
  });
}

void Mainflux::append_policy(std::string& out, const Policy& policy) const {
  if (!out.empty()) out += ',';
  std::string one = "{";
  append_member(one, "owner_id", policy.owner);
  append_member(one, "subject", policy.subject->id);
  append_member(one, "object", policy.object->id);
  append_name(one, "actions");
  char separator = '[';
  for (const char action : policy.actions) {
    one += separator;
    append_quoted(one, actions[static_cast<std::size_t>(action)]);
    separator = ',';
  }
  if (policy.actions.empty()) one += '[';
  one += ']';
  append_member(one, "created_at", rfc3339(policy.created));
  append_member(one, "updated_at", rfc3339(policy.updated));
  if (!policy.updated_by.empty()) append_member(one, "updated_by", policy.updated_by);
  out += one += '}';
}

Reply Mainflux::list_policies(const Call& call, const Captures&) {
  const auto page = page_of(call);
  if (!page) return page.error();
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const auto subject = call.parameter("subject"), object = call.parameter("object"),
             action = call.parameter("action");
  const std::string owner = (*asking)->admin ? call.parameter("owner_id") : (*asking)->id;
  const auto wanted = static_cast<char>(action_of(action));
  if (!action.empty() && wanted < 0)
    return error(500, "invalid policy action", "something went wrong with the request");

  const bool unstable = options_.switches.flag("mainflux.unstable-order") && policies_.size() > 0;
  const std::size_t turn = unstable ? listed_++ % policies_.size() : 0;
  const std::size_t all = edited_.size() + policies_.size();
  const auto at = [&](std::size_t i) -> const Policy& {
    return i < edited_.size() ? *edited_[i] : policies_[(i - edited_.size() + turn) % policies_.size()];
  };
  std::size_t total = 0;
  std::string rows;
  if (subject.empty() && object.empty() && action.empty() && owner.empty()) {
    total = all;
    for (std::size_t i = page->offset; i < std::min(all, page->offset + page->limit); ++i)
      append_policy(rows, at(i));
  } else {
    const auto show = [&](const Policy& policy) {
      if ((!object.empty() && policy.object->id != object) || (!owner.empty() && policy.owner != owner))
        return;
      if (!action.empty() && policy.actions.find(wanted) == std::string::npos) return;
      if (total++ >= page->offset && total <= page->offset + page->limit) append_policy(rows, policy);
    };
    const User* user = users_.find(subject);
    if (subject.empty())
      for (std::size_t i = 0; i < all; ++i) show(at(i));
    else if (user != nullptr)
      for (const auto& policy : user->policies) show(*policy);
  }
  Reply reply;
  reply.items = "policies";
  reply.body = "{\"limit\":" + std::to_string(page->limit) + ",\"offset\":" + std::to_string(page->offset) +
               ",\"total\":" + std::to_string(total) + ",\"policies\":[" + rows + "]}\n";
  return reply;
}

void Mainflux::edit_policy(Policy& policy, std::string packed_actions, const User& editor) {
  policy.actions = std::move(packed_actions);
  policy.updated = clock_.stamp();
  policy.updated_by = editor.id;
  policies_.erase(policy);
  std::erase(edited_, &policy);
  edited_.push_back(&policy);
}

void Mainflux::load_policy(const json& row) {
  User* user = users_.find(row.at("subject").get<std::string>());
  Group* group = groups_.find(row.at("object").get<std::string>());
  if (user == nullptr || group == nullptr)
    throw std::invalid_argument("a policy of the world to load names a user or group that is not in it: " +
                                row.dump());
  Policy& policy =
      add_policy(*user, *group, packed(row.at("actions").get<std::vector<std::string>>()),
                 row.value("owner_id", group->owner), parse_rfc3339(row.value("created_at", "")).value_or(0));
  policy.updated = parse_rfc3339(row.value("updated_at", "")).value_or(0);
  policy.updated_by = row.value("updated_by", "");
  if (policy.updated == 0) return;
  policies_.erase(policy);
  edited_.push_back(&policy);
}

Reply Mainflux::put_policy(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  std::string wanted = packed(body->value("actions", std::vector<std::string>()));
  const auto subject = body->value("subject", ""), object = body->value("object", "");
  const auto asking = administrator_or(call, "");
  if (!asking) return asking.error();
  if (wanted.empty()) return error(500, "malformed policy actions", "something went wrong with the request");
  close(wanted);
  User* user = users_.find(subject);
  Group* group = groups_.find(object);
  if (user == nullptr || group == nullptr) return error(500, "", "failed to create entity in the db");
  if (Policy* policy = policy_of(subject, object)) {
    edit_policy(*policy, wanted, **asking);
  } else {
    add_policy(*user, *group, wanted, (*asking)->id, clock_.stamp());
  }
  Reply reply;
  reply.status = 201;
  reply.effect = "policy.put";
  reply.subject = subject + '/' + object;
  return reply;
}

Reply Mainflux::change_policy(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const std::string wanted = packed(body->value("actions", std::vector<std::string>()));
  const auto subject = body->value("subject", ""), object = body->value("object", "");
  const auto asking = administrator_or(call, "");
  if (!asking) return asking.error();
  if (wanted.empty()) return error(500, "malformed policy actions", "something went wrong with the request");
  Reply reply = empty_reply(204);
  if (Policy* policy = policy_of(subject, object)) {
    edit_policy(*policy, wanted, **asking);
    reply.effect = "policy.update";
    reply.subject = subject + '/' + object;
  }
  return reply;
}

Reply Mainflux::delete_policy(const Call& call, const Captures& ids) {
  const auto asking = administrator_or(call, "");
  if (!asking) return asking.error();
  Reply reply = empty_reply(204);
  if (const Policy* policy = policy_of(ids[0], ids[1])) {
    reply.effect = "policy.delete";
    reply.subject = std::string(ids[0]) + '/' + std::string(ids[1]);
    erase_policy(*policy->subject, *policy->object);
  }
  return reply;
}

Reply Mainflux::authorize(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto subject = body->value("subject", ""), object = body->value("object", ""),
             action = body->value("action", ""), kind = body->value("entity_type", "");
  const int wanted = action_of(action);
  if (wanted < 0) return error(500, "invalid policy action", "something went wrong with the request");
  if (kind != "client" && kind != "group")
    return error(500, "invalid entity type", "something went wrong with the request");
  const User* user = users_.find(subject);
  const auto allows = [wanted](const Policy* policy) {
    return policy != nullptr && policy->actions.find(static_cast<char>(wanted)) != std::string::npos;
  };
  bool allowed = user != nullptr && user->admin;
  if (user != nullptr && !allowed && kind == "group") allowed = allows(policy_of(subject, object));
  if (user != nullptr && !allowed && kind == "client")
    allowed =
        std::any_of(user->policies.begin(), user->policies.end(), [&](const std::unique_ptr<Policy>& policy) {
          return allows(policy.get()) && policy_of(object, policy->object->id) != nullptr;
        });
  return allowed ? json_reply(200, json::object())
                 : error(403, "", "failed to perform authorization over the entity");
}

}  // namespace usher::sandbox
