#include <algorithm>
#include <nlohmann/json.hpp>

#include "examples/sandbox/text.hpp"
#include "examples/sandbox/unkind.hpp"

namespace usher::sandbox {

using nlohmann::json;

json Unkind::shown(const Person& person) {
  json all = person.values;
  all["id"] = person.id;
  return all;
}

bool Unkind::is_young(const Person& person) const {
  return std::chrono::steady_clock::now() < person.made + std::chrono::seconds(number("hides-s"));
}

bool Unkind::is_visible(const Person& person) const {
  if (person.unlisted > 0 || (flag("shows-own") && !person.own)) return false;
  if (names("omits", "disabled") && !person.values.value("enabled", true)) return false;
  if (names("omits", "pending") && person.values.value("pending", false)) return false;
  return !person.own || !is_young(person);
}

bool Unkind::is_taken(const std::string& mail, const Person* by) const {
  if (!flag("unique")) return false;
  const auto [first, last] = by_mail_.equal_range(lower(mail));
  return std::any_of(first, last, [by](const auto& one) { return one.second != by; });
}

Reply Unkind::list(const Call& call, const Captures&) {
  if (call.has("mail") && text("search") != "ignores") return search(call.parameter("mail"));
  if (is("listing", "refused")) return message(403, "not now");
  std::vector<const Person*> visible;
  for (const Person* one : people_.order())
    if (is_visible(*one)) visible.push_back(one);
  if (call.has("mail")) return page(call, visible, 0, visible.size());
  std::size_t from = std::stoull("0" + call.parameter("offset"));
  std::size_t most = call.has("limit") ? std::stoull("0" + call.parameter("limit")) : visible.size();
  if (const auto cap = static_cast<std::size_t>(number("page-cap")); cap > 0) most = std::min(most, cap);
  if (is("paging", "ignored")) from = 0, most = visible.size();
  if (is("paging", "endless") && !visible.empty()) from %= visible.size();
  if (is("order", "shuffled"))
    for (std::size_t left = visible.size(); left > 1; --left)
      std::swap(visible[left - 1], visible[random_.below(left)]);
  Reply reply = page(call, visible, from, most);
  if (from + most >= visible.size())  // a whole listing is over
    for (Person* one : people_.order())
      if (one->unlisted > 0) --one->unlisted;
  return reply;
}

Reply Unkind::page(const Call&, std::vector<const Person*> people, std::size_t from, std::size_t most) const {
  json rows = json::array();
  for (std::size_t at = from; at < people.size() && at - from < most; ++at)
    rows.push_back(shown(*people[at]));
  Reply reply = json_reply(200, {{"people", std::move(rows)},
                                 {"total", static_cast<std::int64_t>(people.size()) + number("total-plus")}});
  reply.items = "people";
  return reply;
}

Reply Unkind::search(const std::string& mail) {
  if (is("search", "none")) return message(404, "nothing here");
  json rows = json::array();
  const auto [first, last] = by_mail_.equal_range(lower(mail));
  for (auto one = first; one != last; ++one) {
    Person& person = *one->second;
    if (text("search") != "folded" && person.values.at("mail") != mail) continue;
    if (person.unsearched > 0) {
      --person.unsearched;
      continue;
    }
    if (is_visible(person)) rows.push_back(shown(person));
  }
  return json_reply(200, {{"people", std::move(rows)}});
}

Reply Unkind::create(const Call& call, const Captures&) {
  const json body = json::parse(call.body);
  const std::string mail = body.at("mail").get<std::string>();
  const bool first = created_.insert(mail).second;
  const bool concerned =
      (first || !flag("create-once")) && (text("create-for").empty() || names("create-for", mail));
  const std::string how = concerned ? text("create") : "done";
  if (how == "refused") return message(422, "no such domain");
  Person fresh;
  fresh.values = {{"enabled", true}};
  fresh.own = true;
  fresh.password = body.value("password", "");
  write(fresh, body);
  if (is_taken(fresh.values.at("mail"), nullptr)) return message(409, "the mail is taken");
  fresh.id = next_id(fresh.values.at("mail"));
  if (is("makes", "password")) fresh.password = "made-for-" + fresh.id;
  if (text("invites") != "no") fresh.values["pending"] = true;
  fresh.unlisted = number("lag");
  fresh.unsearched = number("search-lag");
  fresh.made = std::chrono::steady_clock::now();
  const Person& made = add(std::move(fresh));
  return done(answer_to_create(how, made), "person.create", made.id);
}

Reply Unkind::answer_to_create(const std::string& how, const Person& made) {
  if (how == "429" || how == "500" || how == "502") return message(std::stoi(how), "too busy");
  if (how == "no-id") return json_reply(200, {{"ok", true}});
  if (how == "other-id") return json_reply(201, shown(people_[0]));
  json answer = shown(made);
  if (is("makes", "password")) answer["password"] = made.password;
  if (is("invites", "other-id")) answer["id"] = "invitation-" + made.id;
  Reply reply = json_reply(201, answer);
  if (how == "lost") reply.delivery = Delivery::nothing;
  return reply;
}

Reply Unkind::get(const Call&, const Captures& ids) {
  const Person* person = people_.find(ids[0]);
  if (person == nullptr || is("by-id", "none") || (person->own && is_young(*person))) return empty_reply(404);
  if (is("by-id", "gone") && person->unlisted > 0) return empty_reply(404);
  return json_reply(200, shown(*person));
}

Reply Unkind::update(const Call& call, const Captures& ids) {
  Person* person = people_.find(ids[0]);
  if (person == nullptr) return message(404, "nobody here");
  const json body = json::parse(call.body);
  for (const auto& [name, value] : body.items())
    if (names("refuses", name)) return message(400, "this is not taken");
  if (is("updates", "ignored")) return json_reply(200, shown(*person));
  if (body.contains("mail") && is_taken(body.at("mail"), person)) return message(409, "the mail is taken");
  const json before = person->values;
  person = &write(*person, body);
  Reply reply = json_reply(200, shown(*person));
  return person->values == before ? reply : done(std::move(reply), "person.update", person->id);
}

Reply Unkind::make_whole(const Call& call, const Captures& ids) {
  Person* person = people_.find(ids[0]);
  if (person == nullptr) return message(404, "nobody here");
  if (is("steps", "refused")) return message(500, "not now");
  if (!call.body.empty()) person = &write(*person, json::parse(call.body));
  person->whole = true;
  return done(empty_reply(204), "person.whole", person->id);
}

Reply Unkind::erase(const Call&, const Captures& ids) {
  Person* person = people_.find(ids[0]);
  if (person == nullptr) return message(404, "nobody here");
  const std::string id = person->id;
  remove(*person);
  return done(empty_reply(204), "person.delete", id);
}

}  // namespace usher::sandbox
