#include "examples/sandbox/unkind.hpp"

#include <nlohmann/json.hpp>

namespace usher::sandbox {

using nlohmann::json;

const std::vector<Route<Unkind>>& Unkind::routes() {
  static const std::vector<Route<Unkind>> all{
      {"GET", "/people", &Unkind::list},
      {"POST", "/people", &Unkind::create},
      {"GET", "/people/{id}", &Unkind::get},
      {"PATCH", "/people/{id}", &Unkind::update},
      {"PATCH", "/people/{id}/title", &Unkind::update},
      {"PATCH", "/people/{id}/whole", &Unkind::make_whole},
      {"DELETE", "/people/{id}", &Unkind::erase},
      {"GET", "/people/{id}/groups", &Unkind::list_groups_of},
      {"PUT", "/people/{id}/groups", &Unkind::set_groups_of},
      {"GET", "/groups", &Unkind::list_groups},
      {"GET", "/groups/{group}/members", &Unkind::list_members},
      {"PUT", "/groups/{group}/members/{id}", &Unkind::join},
      {"DELETE", "/groups/{group}/members/{id}", &Unkind::leave},
      {"POST", "/groups/{group}/{what}", &Unkind::change_many},  // add or remove
  };
  return all;
}

Reply Unkind::serve(const Call& call) {
  Reply reply = dispatch(call);
  if (call.method != "GET") reply = disturbed(std::move(reply));
  reply.closes_after_ms = number("closes-after-ms");
  return reply;
}

Reply Unkind::dispatch(const Call& call) {
  Captures ids;
  const Route<Unkind>* route = find_route<Unkind>(routes(), call, ids);
  if (route == nullptr) return message(404, "nothing here");
  Reply reply;
  try {
    reply = (this->*route->handler)(call, ids);
  } catch (const json::exception&) {
    reply = message(400, "a value is missing, or has another type than expected");
  }
  reply.route = route->pattern;
  return reply;
}

/// What becomes of the reply to a write that was done.
Reply Unkind::disturbed(Reply reply) {
  if (reply.effect.empty()) return reply;
  reply.delay_ms += number("reply-delay-ms");
  const std::string how = text("write-reply");
  const auto every = std::max<std::int64_t>(number("write-reply-every"), 1);
  if (how == "right" || ++writes_ % every != 0) return reply;
  if (how == "lost") {
    reply.delivery = Delivery::nothing;
    return reply;
  }
  reply.status = std::stoi(how);
  reply.body = R"({"message":"too busy"})";
  return reply;
}

std::string Unkind::text(std::string_view name) const {
  return options_.switches.text("unkind." + std::string(name));
}

bool Unkind::flag(std::string_view name) const {
  return options_.switches.flag("unkind." + std::string(name));
}

std::int64_t Unkind::number(std::string_view name) const {
  return options_.switches.number("unkind." + std::string(name));
}

bool Unkind::names(std::string_view list, std::string_view one) const {
  return (',' + text(list) + ',').find(',' + std::string(one) + ',') != std::string::npos;
}

Reply Unkind::message(int status, const std::string& text) {
  return json_reply(status, {{"message", text}});
}

Reply Unkind::done(Reply reply, std::string_view effect, const std::string& subject) {
  reply.effect = effect;
  reply.subject = subject;
  return reply;
}

}  // namespace usher::sandbox
