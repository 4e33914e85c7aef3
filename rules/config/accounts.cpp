#include <cstdlib>
#include <set>

#include "rules/config/references.hpp"
#include "rules/config/sections.hpp"
#include "rules/yaml/shape.hpp"
#include "state/model/duration.hpp"
#include "state/model/named.hpp"

namespace usher {
namespace {

std::vector<MatchRule> read_match(const Node* match, Reading& reading) {
  std::vector<MatchRule> rules;
  if (match == nullptr) return rules;
  for (const Node& item : match->items) {
    MatchRule rule;
    rule.place = item.place;
    if (const Node* account = item.find("account"); account != nullptr)
      rule.account = account->text_or_empty();
    rule.person = read_expression(item.find("person"), reading);
    rule.fold_case = item.find("fold") != nullptr;
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// A map is a constant when its one key is `value`; any other map goes one step down the path.
void read_set(const Node& map, const std::string& prefix, std::set<std::string>& seen,
              std::vector<std::pair<std::string, Expression>>& set, Reading& reading) {
  for (const auto& [key, value] : map.entries) {
    const std::string path = prefix.empty() ? key.text : prefix + "." + key.text;
    if (value.kind == Node::Kind::map && value.find("value") == nullptr) {
      read_set(value, path, seen, set, reading);
    } else if (!seen.insert(path).second) {
      reading.mistakes.add(key.place, "'" + path + "' is set twice");
    } else {
      set.emplace_back(path, read_expression(&value, reading));
    }
  }
}

/// An attribute and something inside it cannot both be set.
void check_overlap(const Node& set, const std::set<std::string>& paths, Reading& reading) {
  for (const std::string& path : paths)
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
      if (paths.contains(path.substr(0, dot)))
        reading.mistakes.add(
            set.place, "'" + path + "' lies inside '" + path.substr(0, dot) + "', which is set as a whole");
}

std::vector<std::string> read_texts(const Node* node) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  if (node->kind == Node::Kind::scalar) texts.push_back(node->text);
  for (const Node& item : node->items) texts.push_back(item.text_or_empty());
  return texts;
}

std::vector<GroupRule> read_groups(const Node& groups, Reading& reading) {
  std::vector<GroupRule> rules;
  for (const Node& item : groups.items) {
    GroupRule rule;
    rule.kind = "group";
    rule.name = item.text_or_empty();
    rule.place = item.place;
    for (const char* kind : {"group", "profile", "role", "tenant"}) {
      const Node* name = item.find(kind);
      if (name == nullptr) continue;
      rule.kind = kind;
      rule.name = name->text_or_empty();
    }
    const Node* kind = item.find("kind");
    const Node* name = item.find("name");
    if (kind != nullptr ||
        name != nullptr) {  // one without the other is a mistake when the rules are compiled
      rule.kind = kind == nullptr ? "" : kind->text_or_empty();
      rule.name = name == nullptr ? "" : name->text_or_empty();
    }
    if (item.find("actions") != nullptr && item.find("details") != nullptr)
      reading.mistakes.add(item.place,
                           "'actions' and 'details' are two words for the same; give one of them");
    rule.details = read_texts(item.find("actions") != nullptr ? item.find("actions") : item.find("details"));
    rule.when = read_expression(item.find("when"), reading);
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::optional<int> read_days(const Node* moment, std::optional<int> otherwise) {
  if (moment == nullptr || moment->text_or_empty().empty()) return otherwise;
  if (moment->text == "now") return 0;
  if (moment->text == "never") return std::nullopt;
  return std::atoi(moment->text.c_str());
}

/// nullopt: no such fallback, which the check of the form tells.
std::optional<Fallback> read_fallback(const Node& node) {
  return named<Fallback>(node.text_or_empty());
}

LeaverRules read_leavers(const Node* leavers, Reading& reading) {
  LeaverRules rules;
  if (leavers == nullptr) return rules;
  rules.disable_after_days = read_days(leavers->find("disable"), rules.disable_after_days);
  rules.delete_after_days = read_days(leavers->find("delete"), rules.delete_after_days);
  if (const Node* choice = leavers->find("without-disable"); choice != nullptr)
    rules.without_disable = read_fallback(*choice);
  if (const Node* create = leavers->find("create"); create != nullptr)
    rules.create_disabled = create->text_or_empty() == "disabled";
  if (rules.create_disabled && (rules.delete_after_days || rules.without_disable == Fallback::remove))
    reading.mistakes.add(
        leavers->find("create")->place,
        "accounts of leavers would be made and deleted by turns; 'create: disabled' goes with "
        "'delete: never'");
  if (rules.disable_after_days && rules.delete_after_days &&
      *rules.delete_after_days < *rules.disable_after_days)
    reading.mistakes.add(
        leavers->find("delete")->place,
        "accounts would be deleted before they are disabled; write 'disable: never' if that is meant");
  return rules;
}

OrphanRules read_orphans(const Node* orphans, Reading& reading) {
  OrphanRules rules;
  if (orphans == nullptr) return rules;
  rules.place = orphans->place;
  rules.disable_after_days = read_days(orphans->find("disable"), std::nullopt);
  rules.delete_after_days = read_days(orphans->find("delete"), std::nullopt);
  rules.except = read_expression(orphans->find("except"), reading);
  if (rules.disable_after_days && rules.delete_after_days &&
      *rules.delete_after_days <= *rules.disable_after_days)
    reading.mistakes.add(
        orphans->find("delete")->place,
        "orphans would be deleted when they are disabled, or before; leave 'disable' out if that is meant");
  return rules;
}

FirstSecret read_first_secret(const Node* credentials, Reading& reading) {
  FirstSecret secret;
  if (credentials == nullptr) return secret;
  secret.place = credentials->place;
  if (const Node* length = credentials->find("length"); length != nullptr)
    secret.length = static_cast<std::size_t>(std::strtoull(length->text_or_empty().c_str(), nullptr, 10));
  if (const Node* alphabet = credentials->find("alphabet"); alphabet != nullptr)
    secret.alphabet = alphabet->text_or_empty();
  const Node* first = credentials->find("first");
  if (first == nullptr) return secret;
  if (const Node* file = first->find("file"); file != nullptr) {
    secret.handover = FirstSecret::Handover::file;
    secret.target = (reading.directory / file->text_or_empty()).lexically_normal().string();
    if (const Node* keep = first->find("keep"); keep != nullptr)
      secret.keep_days = std::atoi(keep->text_or_empty().c_str());
    if (const Node* timeout = first->find("timeout"); timeout != nullptr)
      reading.mistakes.add(timeout->place, "'timeout' is about a command; a file takes no time");
  } else if (const Node* command = first->find("command"); command != nullptr) {
    secret.handover = FirstSecret::Handover::command;
    secret.target = command->text_or_empty();
    if (const Node* timeout = first->find("timeout"); timeout != nullptr)
      secret.timeout = std::chrono::floor<std::chrono::seconds>(
          read_duration(timeout->text_or_empty()).value_or(secret.timeout));
    if (const Node* keep = first->find("keep"); keep != nullptr)
      reading.mistakes.add(keep->place, "'keep' is about a file; a command keeps what it takes as it likes");
  } else if (first->text_or_empty() == "invite") {
    secret.handover = FirstSecret::Handover::invite;
  }
  return secret;
}

AccountRules read_account(const Node& node, Reading& reading) {
  AccountRules rules;
  rules.place = node.place;
  for (const Entry& entry : node.entries) rules.keys[entry.key.text] = entry.key.place;
  rules.who = read_expression(node.find("who"), reading);
  rules.match = read_match(node.find("match"), reading);
  if (const Node* set = node.find("set"); set != nullptr) {
    std::set<std::string> seen;
    read_set(*set, "", seen, rules.set, reading);
    check_overlap(*set, seen, reading);
  }
  if (const Node* groups = node.find("groups"); groups != nullptr)
    rules.groups = read_groups(*groups, reading);
  if (const Node* other = node.find("other-groups"); other != nullptr)
    rules.keep_other_groups = other->text_or_empty() == "keep";
  if (const Node* other = node.find("other-actions"); other != nullptr)
    rules.keep_other_details = other->text_or_empty() == "keep";
  rules.leavers = read_leavers(node.find("leavers"), reading);
  rules.orphans = read_orphans(node.find("orphans"), reading);
  if (const Node* choice = node.find("without-update"); choice != nullptr)
    rules.without_update = read_fallback(*choice);
  rules.guards = read_guards(node.find("guards"));
  if (const Node* create = node.find("create"); create != nullptr)
    rules.create = create->text_or_empty() != "false";
  rules.first_secret = read_first_secret(node.find("credentials"), reading);
  return rules;
}

}  // namespace

std::map<std::string, AccountRules> read_accounts(const Node* accounts,
                                                  const std::map<std::string, Settings>& platforms,
                                                  Reading& reading) {
  std::map<std::string, AccountRules> read;
  if (accounts == nullptr) return read;
  for (const auto& [name, value] : accounts->entries) {
    expect_platform(name.text, name.place, platforms, reading.mistakes);
    AccountRules rules = read_account(value, reading);
    rules.platform = name.text;
    read[name.text] = std::move(rules);
  }
  return read;
}

}  // namespace usher
