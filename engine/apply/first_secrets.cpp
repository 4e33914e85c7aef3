#include "engine/apply/first_secrets.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "connectors/redactor.hpp"
#include "engine/apply/secrets_file.hpp"
#include "engine/runtime/time.hpp"
#include "rules/config/command.hpp"

namespace usher {

namespace {

/// Small letters, capital letters, digits, signs.
std::size_t class_of(char c) {
  if (c >= 'a' && c <= 'z') return 0;
  if (c >= 'A' && c <= 'Z') return 1;
  return c >= '0' && c <= '9' ? 2 : 3;
}

/// A number below `limit`, every one as likely as any other.
std::size_t random_below(std::size_t limit) {
  constexpr std::uint64_t all = std::uint64_t{1} << 32;
  const std::uint64_t bound = all - all % limit;
  while (true) {
    std::uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) == sizeof number && number < bound) return number % limit;
  }
}

std::string random_secret(std::size_t length, const std::string& all) {
  std::array<std::string, 4> classes;
  for (const char c : all) classes[class_of(c)] += c;
  std::string secret;
  for (const std::string& one : classes) {
    if (!one.empty()) secret += one[random_below(one.size())];
  }
  while (secret.size() < length) secret += all[random_below(all.size())];
  for (std::size_t i = secret.size(); i > 1; --i) std::swap(secret[i - 1], secret[random_below(i)]);
  return secret;
}

std::string line_of(const SpooledSecret& one) {
  nlohmann::json line = {{"platform", one.platform},
                         {"person", one.person},
                         {"label", one.label},
                         {"secret", one.secret.reveal()},
                         {"at", now_text()}};
  if (!one.credential.empty()) line["credential"] = one.credential;
  if (!one.account.empty()) line["account"] = one.account;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Runs the command with these lines on its standard input. What it says of a failure may hold what it was
/// given.
std::string pipe_to(const FirstSecret& rules, const std::string& lines, const Redactor& redactor) {
  const CommandResult result = run_command(rules.target, {}, rules.timeout, CommandInput{lines, {}});
  if (result.failure.empty()) return {};
  const std::string said =
      result.first_error_line.empty() ? "" : fmt::format(" ({})", redactor.clean(result.first_error_line));
  return fmt::format(
      "the command that takes first secrets {}{}, what it was given is handed over again by the next apply: "
      "{}",
      result.failure, said, rules.target);
}

}  // namespace

bool is_handed_over(const FirstSecret& rules) {
  return rules.handover == FirstSecret::Handover::file || rules.handover == FirstSecret::Handover::command;
}

Secret new_secret(const FirstSecret& rules, const SecretRule& platform) {
  const std::size_t length = std::clamp(rules.length.value_or(24), platform.shortest, platform.longest);
  return Secret(random_secret(length, platform.characters(rules.alphabet)));
}

bool FirstSecrets::keeps(const Operation& operation) const {
  return is_handed_over(rules_) && operation.kind != OperationKind::lock;
}

tl::expected<Secret, std::string> FirstSecrets::make(const Operation& operation) {
  if (!keeps(operation)) return new_secret(rules_, platform_);
  if (const auto earlier = spool_.find(operation.id); earlier && !earlier->due) return earlier->secret;
  if (rules_.handover == FirstSecret::Handover::file) {
    if (std::string why = SecretsFile(rules_.target).append(""); !why.empty())
      return tl::unexpected(std::move(why));
  }
  SpooledSecret one = spooled(operation, operation.account, new_secret(rules_, platform_));
  if (auto kept = spool_.keep(one); !kept) return tl::unexpected(std::move(kept.error()));
  return one.secret;
}

SpooledSecret FirstSecrets::spooled(const Operation& operation, const std::string& account,
                                    Secret secret) const {
  const bool renewed = operation.kind == OperationKind::rotate;
  return {operation.id, name_, operation.person, operation.label, account, renewed ? operation.route : "",
          now_text(),   false, std::move(secret)};
}

void FirstSecrets::used(const Operation& operation, const std::string& account) {
  if (keeps(operation)) spool_.mark_due(operation.id, account);
}

void FirstSecrets::refused(const Operation& operation) {
  if (keeps(operation)) spool_.drop({operation.id});
}

std::string FirstSecrets::answered(const Operation& operation, const std::string& account,
                                   const Secret& secret) {
  if (!keeps(operation)) return {};
  SpooledSecret one = spooled(operation, account, secret);
  one.due = true;
  const auto kept = spool_.keep(one);
  return kept ? std::string() : kept.error() + "; renew it";
}

std::string FirstSecrets::hand_over() {
  const MutexLock lock(handing_over_);
  if (!failure_.empty()) return failure_;
  std::string lines;
  std::vector<std::string> operations;
  Redactor redactor;
  for (const SpooledSecret& one : spool_.of_platform(name_)) {
    if (!one.due) continue;
    lines += line_of(one);
    redactor.add(one.secret.reveal());
    operations.push_back(one.operation);
  }
  if (operations.empty() || !is_handed_over(rules_)) return {};
  failure_ = rules_.handover == FirstSecret::Handover::file ? SecretsFile(rules_.target).append(lines)
                                                            : pipe_to(rules_, lines, redactor);
  if (failure_.empty()) spool_.drop(operations);
  return failure_;
}

std::string FirstSecrets::forget_old() const {
  if (rules_.handover != FirstSecret::Handover::file || !rules_.keep_days) return {};
  constexpr std::int64_t day = 86'400;
  return SecretsFile(rules_.target).drop_before(name_, seconds_of(now_text()) - *rules_.keep_days * day);
}

}  // namespace usher
