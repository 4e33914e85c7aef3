#pragma once

#include <map>
#include <string>

#include "rules/config.hpp"
#include "rules/yaml/document.hpp"

namespace usher {

/// What reading the sections of one configuration has in common. Readers expect what config_shape() says;
/// where the document differs, which is reported already, they leave out what they cannot read.
struct Reading {
  std::filesystem::path directory;  ///< absolute; relative paths start here
  Secrets secrets = Secrets::resolve;
  Diagnostics& mistakes;
};

std::map<std::string, Settings> read_platforms(const Node* platforms, Reading& reading);
PeopleRules read_people(const Node* people, const std::map<std::string, Settings>& platforms,
                        Reading& reading);
std::map<std::string, AccountRules> read_accounts(const Node* accounts,
                                                  const std::map<std::string, Settings>& platforms,
                                                  Reading& reading);
/// Names that are no guard are left out.
std::map<GuardKind, Guard> read_guards(const Node* guards);
std::map<std::string, std::map<std::string, std::string>> read_tables(const Node* tables, Reading& reading);

ApprovalRules read_approvals(const Node* approvals, Reading& reading);
std::vector<NotifyRule> read_notify(const Node* notify, Reading& reading);
/// config: its platforms, people and accounts are read already.
std::vector<RuleTest> read_tests(const Node* tests, const Config& config, Reading& reading);

/// An expression, a constant or a list of them; nothing for null.
Expression read_expression(const Node* node, Reading& reading);

/// The JSON text of a value: plain scalars that JSON knows are themselves, every other scalar is a text.
std::string json_of(const Node& node);

/// Reports a platform that is used but not defined.
void expect_platform(const std::string& name, const SourceLocation& place,
                     const std::map<std::string, Settings>& platforms, Diagnostics& mistakes);

/// The digest of what decides a plan.
std::string rules_digest(const Config& config);

}  // namespace usher
