#include "engine/apply/first_secrets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

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
  const unsigned bound = 256 - 256 % static_cast<unsigned>(limit);
  while (true) {
    unsigned char byte = 0;
    if (getrandom(&byte, 1, 0) == 1 && byte < bound) return byte % limit;
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

std::string line_of(const Operation& operation, const std::string& account, const Secret& secret) {
  nlohmann::json line = {{"platform", operation.platform},
                         {"person", operation.person},
                         {"label", operation.label},
                         {"secret", secret.reveal()}};
  if (operation.kind == OperationKind::rotate) line["credential"] = operation.route;
  if (!account.empty()) line["account"] = account;
  return line.dump() + "\n";
}

void append_to(const std::string& file, const std::string& line) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  const auto fail = [&](const char* what) {
    throw std::runtime_error(
        fmt::format("{}: cannot {} the file for first secrets: {}", file, what, std::strerror(errno)));
  };
  if (descriptor < 0) fail("open");
  const bool private_file = fchmod(descriptor, 0600) == 0;
  const bool written = private_file &&
                       write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       fsync(descriptor) == 0;
  close(descriptor);
  if (!written) fail("write");
}

}  // namespace

Secret FirstSecrets::make(const Operation& operation) {
  const std::size_t length = std::clamp(rules_.length.value_or(24), platform_.shortest, platform_.longest);
  Secret secret(random_secret(length, platform_.characters(rules_.alphabet)));
  if (rules_.handover == FirstSecret::Handover::file && operation.kind != OperationKind::lock) {
    const std::lock_guard lock(mutex_);
    append_to(rules_.target, line_of(operation, operation.account, secret));
  }
  return secret;
}

void FirstSecrets::used(const Operation& operation, const std::string& account, const Secret& secret) {
  if (rules_.handover != FirstSecret::Handover::command || operation.kind == OperationKind::lock) return;
  const std::lock_guard lock(mutex_);
  lines_ += line_of(operation, account, secret);
}

void FirstSecrets::answered(const Operation& operation, const std::string& account, const Secret& secret) {
  if (operation.kind == OperationKind::lock) return;
  if (rules_.handover == FirstSecret::Handover::file) {
    const std::lock_guard lock(mutex_);
    append_to(rules_.target, line_of(operation, account, secret));
  } else {
    used(operation, account, secret);
  }
}

std::string FirstSecrets::hand_over() {
  const std::lock_guard lock(mutex_);
  if (lines_.empty()) return {};
  const auto previous = std::signal(SIGPIPE, SIG_IGN);
  FILE* pipe = popen(rules_.target.c_str(), "w");
  if (pipe == nullptr) return "cannot run the command that takes first secrets: " + rules_.target;
  const bool written = fwrite(lines_.data(), 1, lines_.size(), pipe) == lines_.size();
  const int status = pclose(pipe);
  std::signal(SIGPIPE, previous);
  lines_.clear();
  if (written && status == 0) return {};
  return fmt::format("the command that takes first secrets failed (status {}): {}", status, rules_.target);
}

}  // namespace usher
