#include "rules/rules.hpp"

#include <algorithm>
#include <tuple>

namespace usher {

tl::expected<Rules, std::vector<Diagnostic>> Rules::compile(
    const Config& config, const std::map<std::string, const Capabilities*>& platforms) {
  ExpressionCompiler compiler(config);
  Rules rules;
  rules.config_ = &config;
  rules.people_ = std::make_unique<PeopleProgram>(config.people, config, compiler);
  for (const auto& [name, account_rules] : config.accounts) {
    const auto platform = platforms.find(name);
    if (platform == platforms.end()) continue;  // the loader has said that it is not defined
    rules.accounts_.emplace(
        std::piecewise_construct, std::forward_as_tuple(name),
        std::forward_as_tuple(account_rules, config, *rules.people_, *platform->second, compiler));
  }
  std::vector<Diagnostic>& mistakes = compiler.mistakes();
  if (mistakes.empty()) return rules;
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return tl::unexpected(std::move(mistakes));
}

}  // namespace usher
