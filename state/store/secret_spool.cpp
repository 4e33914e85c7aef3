#include "state/store/secret_spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace usher {

namespace {

using nlohmann::json;

/// A descriptor that closes itself.
class File {
 public:
  File(const std::filesystem::path& file, int flags)
      : descriptor_(open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool opened() const { return descriptor_ >= 0; }
  bool is_plain() const {
    struct stat about {};
    return fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode);
  }
  bool append(const std::string& text) const {
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = write(descriptor_, text.data() + written, text.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      written += static_cast<std::size_t>(count);
    }
    return fchmod(descriptor_, 0600) == 0 && fsync(descriptor_) == 0;
  }
  std::string content() const {
    std::string text;
    char part[65536];
    for (ssize_t count = 0; (count = ::read(descriptor_, part, sizeof part)) > 0;)
      text.append(part, static_cast<std::size_t>(count));
    return text;
  }

 private:
  const int descriptor_;
};

std::string line_of(const SpooledSecret& one) {
  return json{{"operation", one.operation}, {"platform", one.platform}, {"person", one.person},
              {"label", one.label},         {"account", one.account},   {"credential", one.credential},
              {"made-at", one.made_at},     {"due", one.due},           {"secret", one.secret.reveal()}}
             .dump(-1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

std::optional<SpooledSecret> secret_in(const std::string& line) {
  const json from = json::parse(line, nullptr, false);
  if (!from.is_object() || !from.contains("operation")) return std::nullopt;
  const auto text = [&](const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto due = from.find("due");
  return SpooledSecret{
      text("operation"),     text("platform"),   text("person"),  text("label"),
      text("account"),       text("credential"), text("made-at"), due != from.end() && *due == true,
      Secret(text("secret"))};
}

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw std::runtime_error(fmt::format("{}: cannot {} the file of secrets that are not handed over yet: {}",
                                       file.string(), what, std::strerror(errno)));
}

}  // namespace

std::filesystem::path SecretSpool::beside(const std::filesystem::path& state) {
  return state.string() + ".secrets";
}

SecretSpool::SecretSpool(std::filesystem::path file) : file_(std::move(file)) {
  read();
}

void SecretSpool::read() {
  const File file(file_, O_RDONLY | O_NONBLOCK);
  if (!file.opened() && errno == ENOENT) return;
  if (!file.opened() || !file.is_plain()) fail(file_, "read");
  const std::string text = file.content();
  std::map<std::string, std::uint64_t> place;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    auto one = secret_in(text.substr(at, end - at));
    at = end + 1;
    if (!one) continue;
    const auto [found, fresh] = place.try_emplace(one->operation, next_);
    if (fresh) ++next_;
    secrets_[found->second] = std::move(*one);  // a later line says more of the same one
  }
}

std::size_t SecretSpool::waiting(const std::filesystem::path& file) {
  const SecretSpool spool(file);
  const MutexLock lock(spool.mutex_);
  return spool.secrets_.size();
}

tl::expected<void, std::string> SecretSpool::keep(const SpooledSecret& secret) {
  const MutexLock lock(mutex_);
  const File file(file_, O_WRONLY | O_CREAT | O_APPEND);
  if (!file.opened() || !file.is_plain() || !file.append(line_of(secret))) {
    return tl::unexpected(fmt::format("{}: the secret cannot be kept until it is handed over: {}",
                                      file_.string(), std::strerror(errno)));
  }
  std::erase_if(secrets_, [&](const auto& kept) { return kept.second.operation == secret.operation; });
  secrets_[next_++] = secret;
  return {};
}

void SecretSpool::mark_due(const std::string& operation, const std::string& account) {
  const MutexLock lock(mutex_);
  for (auto& [order, secret] : secrets_) {
    if (secret.operation != operation) continue;
    secret.due = true;
    if (!account.empty()) secret.account = account;
    const File file(file_, O_WRONLY | O_CREAT | O_APPEND);
    if (!file.opened() || !file.append(line_of(secret))) fail(file_, "write");
  }
}

void SecretSpool::drop(const std::vector<std::string>& operations) {
  const MutexLock lock(mutex_);
  const std::size_t before = secrets_.size();
  for (const std::string& operation : operations)
    std::erase_if(secrets_, [&](const auto& kept) { return kept.second.operation == operation; });
  if (secrets_.size() != before) rewrite();
}

// Nothing that was handed over may stay readable in the file.
void SecretSpool::rewrite() const {
  if (secrets_.empty()) {
    if (unlink(file_.c_str()) != 0 && errno != ENOENT) fail(file_, "empty");
    return;
  }
  const std::filesystem::path next = file_.string() + ".new";
  std::string text;
  for (const auto& [order, secret] : secrets_) text += line_of(secret);
  {
    const File file(next, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.opened() || !file.append(text)) fail(next, "write");
  }
  if (rename(next.c_str(), file_.c_str()) != 0) fail(file_, "write");
}

std::optional<SpooledSecret> SecretSpool::find(const std::string& operation) const {
  const MutexLock lock(mutex_);
  for (const auto& [order, secret] : secrets_) {
    if (secret.operation == operation) return secret;
  }
  return std::nullopt;
}

std::vector<SpooledSecret> SecretSpool::of_platform(const std::string& platform) const {
  const MutexLock lock(mutex_);
  std::vector<SpooledSecret> found;
  for (const auto& [order, secret] : secrets_) {
    if (secret.platform == platform) found.push_back(secret);
  }
  return found;
}

}  // namespace usher
