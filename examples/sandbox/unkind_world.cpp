#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "examples/sandbox/text.hpp"
#include "examples/sandbox/unkind.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

std::int64_t as_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Unkind::Unkind(const Options& options, const json* world) : Platform(options, "unkind") {
  std::istringstream names(text("groups"));
  for (std::string name; std::getline(names, name, ',');) group(name);
  if (world != nullptr)
    load(*world);
  else
    populate(options.users);
}

void Unkind::populate(std::size_t people) {
  people_.reserve(people);
  for (std::size_t i = 0; i < people; ++i) insert_person(person(options_.seed, i), false);
}

void Unkind::load(const json& world) {
  const bool whole = world.is_object();
  for (const json& row : whole ? world.at("people") : world) load_person(row);
  if (!whole || !world.contains("groups")) return;
  for (const auto& [name, ids] : world.at("groups").items())
    group(name) = ids.get<std::vector<std::string>>();
}

/// One row as `world` tells it, with the names of its groups besides.
Unkind::Person& Unkind::load_person(const json& row) {
  Person person;
  person.values = row;
  for (const char* other : {"id", "groups", "own", "whole", "password"}) person.values.erase(other);
  person.values["enabled"] = row.value("enabled", true);
  person.password = row.value("password", "");
  person.own = row.value("own", false);
  person.whole = row.value("whole", false);
  person.id = row.contains("id") ? row.at("id").get<std::string>() : next_id(row.at("mail"));
  Person& added = add(std::move(person));
  for (const json& name : row.value("groups", json::array())) group(name).push_back(added.id);
  return added;
}

std::string Unkind::next_id(const std::string& mail) {
  const std::string ids = text("ids");
  if (ids == "dots" && people_.find("..") == nullptr) return "..";
  if (ids == "renamed") {
    std::string id = lower(mail);
    std::replace(id.begin(), id.end(), '@', '-');
    while (people_.find(id) != nullptr) id += '-';
    return id;
  }
  std::int64_t last = number_;
  if (ids == "reused") {
    last = 0;
    for (const Person* one : people_.order()) last = std::max(last, as_number(one->id));
  }
  std::string id = std::to_string(last + 1);
  while (people_.find(id) != nullptr) id = std::to_string(++last + 1);
  return id;
}

Unkind::Person& Unkind::add(Person person, bool first) {
  Person& added = people_.add(std::move(person), first);
  number_ = std::max(number_ + 1, as_number(added.id));
  by_mail_.emplace(lower(added.values.value("mail", "")), &added);
  return added;
}

/// After another mail: the table by mail is brought in step, and the id where ids are made of it.
Unkind::Person& Unkind::rename(Person& person, const std::string& mail_before) {
  forget_mail(person, mail_before);
  Person* kept = &person;
  if (is("ids", "renamed")) {
    Person next = person;
    next.id = next_id(person.values.value("mail", ""));
    for (auto& [name, ids] : groups_) std::replace(ids.begin(), ids.end(), person.id, next.id);
    people_.erase(person);
    kept = &people_.add(std::move(next));
  }
  by_mail_.emplace(lower(kept->values.value("mail", "")), kept);
  return *kept;
}

void Unkind::forget_mail(const Person& person, const std::string& mail) {
  const auto [first, last] = by_mail_.equal_range(lower(mail));
  const auto found = std::find_if(first, last, [&](const auto& one) { return one.second == &person; });
  if (found != last) by_mail_.erase(found);
}

void Unkind::remove(Person& person) {
  forget_mail(person, person.values.value("mail", ""));
  for (auto& [name, ids] : groups_) std::erase(ids, person.id);
  people_.erase(person);
}

Unkind::Person& Unkind::by_key(const std::string& key) const {
  if (Person* found = people_.find(key)) return *found;
  const auto found = by_mail_.find(lower(key));
  if (found == by_mail_.end()) throw std::invalid_argument("nobody is called " + key);
  return *found->second;
}

std::vector<std::string>& Unkind::group(const std::string& name) {
  for (auto& [known, ids] : groups_)
    if (known == name) return ids;
  return groups_.emplace_back(name, std::vector<std::string>{}).second;
}

void Unkind::insert_person(const sandbox::Person& person, bool first) {
  Person row;
  row.values = {
      {"mail", person.mail}, {"name", person.first + ' ' + person.last}, {"enabled", person.active}};
  row.id = next_id(person.mail);
  const Person& added = add(std::move(row), first);
  group(person.department).push_back(added.id);
}

void Unkind::erase_first() {
  if (people_.size() > 0) remove(people_[0]);
}

void Unkind::rename_user(const std::string& key, const std::string& name) {
  by_key(key).values["name"] = name;
}

/// Enabling somebody who is pending is their acceptance.
void Unkind::enable_user(const std::string& key, bool enabled) {
  Person& person = by_key(key);
  if (enabled) person.values.erase("pending");
  person.values["enabled"] = enabled;
}

void Unkind::edit_user(const std::string& key, const json& values) {
  Person& person = by_key(key);
  const std::string before = person.values.value("mail", "");
  person.values.update(values);
  if (values.contains("mail")) rename(person, before);
}

void Unkind::change_membership(const std::string& key, const std::string& name, bool joins) {
  const std::string id = by_key(key).id;
  std::vector<std::string>& ids = group(name);
  std::erase(ids, id);
  if (joins) ids.push_back(id);
}

void Unkind::settle() {
  for (Person* one : people_.order()) {
    one->unlisted = one->unsearched = 0;
    one->made = {};
  }
}

json Unkind::world() const {
  json people = json::array(), groups = json::object();
  for (const Person* one : people_.order()) {
    json row = shown(*one);
    row["own"] = one->own;
    row["whole"] = one->whole;
    people.push_back(std::move(row));
  }
  for (const auto& [name, ids] : groups_) groups[name] = ids;
  return {{"people", std::move(people)}, {"groups", std::move(groups)}, {"made", number_}};
}

json Unkind::secrets() const {
  json all = json::object();
  for (const Person* one : people_.order())
    if (!one->password.empty()) all[one->id] = one->password;
  return all;
}

}  // namespace usher::sandbox
