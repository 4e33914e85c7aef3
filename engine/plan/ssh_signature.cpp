#include "engine/plan/ssh_signature.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/private_folder.hpp"
#include "rules/config/command.hpp"

namespace usher {

namespace {

namespace fs = std::filesystem;

fs::path put(const PrivateFolder& folder, const char* name, const std::string& text) {
  const fs::path file = folder.path() / name;
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out)
    throw CommandError(ExitCode::failed,
                       fmt::format("{} cannot be written: {}", file.string(), std::strerror(errno)));
  return file;
}

/// A word for /bin/sh.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string what_failed(const CommandResult& result) {
  if (result.failure == "ended with status 127")
    return "ssh-keygen is not installed here: it belongs to OpenSSH (package openssh-client)";
  return result.first_error_line.empty() ? "ssh-keygen " + result.failure
                                         : "ssh-keygen says: " + result.first_error_line;
}

CommandResult keygen(const std::string& arguments, std::chrono::seconds patience) {
  return run_command("exec ssh-keygen -Y " + arguments, {}, patience);
}

constexpr std::chrono::seconds sign_patience{300};  // a person types a passphrase, or touches a key
constexpr std::chrono::seconds verify_patience{30};

/// "SHA256:…" out of 'Good "…" signature for ada with ED25519 key SHA256:…'.
std::string key_in(const std::string& answer) {
  const std::size_t begin = answer.rfind("SHA256:");
  return begin == std::string::npos ? "" : answer.substr(begin, answer.find_first_of(" \r\n", begin) - begin);
}

std::string name_option(const std::string& file) {
  return (file.starts_with('-') ? "./" : "") + file;
}

}  // namespace

tl::expected<std::string, std::string> ssh_signature(const fs::path& key, const std::string& text) {
  const PrivateFolder folder("approval");
  const fs::path file = put(folder, "statement", text);
  const CommandResult result = keygen(fmt::format("sign -q -n {} -f {} {}", signature_namespace,
                                                  quoted(name_option(key.string())), quoted(file.string())),
                                      sign_patience);
  if (!result.failure.empty()) return tl::unexpected(what_failed(result));
  std::ifstream in(file.string() + ".sig", std::ios::binary);
  std::string signature((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (signature.empty()) return tl::unexpected(std::string("ssh-keygen wrote no signature"));
  return signature;
}

tl::expected<SshSigner, std::string> ssh_signer(const fs::path& allowed_signers,
                                                const std::vector<std::string>& principals,
                                                const std::string& signature, const std::string& text) {
  std::error_code none;
  if (fs::exists(allowed_signers, none) && !fs::is_regular_file(allowed_signers, none))
    return tl::unexpected(
        fmt::format("the file of allowed signers {} is not a regular file", allowed_signers.string()));
  errno = 0;
  if (!std::ifstream(allowed_signers))
    return tl::unexpected(fmt::format("the file of allowed signers {} cannot be read: {}",
                                      allowed_signers.string(), std::strerror(errno)));
  const PrivateFolder folder("approval");
  const std::string files = fmt::format("-n {} -s {} < {}", signature_namespace,
                                        quoted(put(folder, "signature", signature).string()),
                                        quoted(put(folder, "statement", text).string()));
  const CommandResult valid = keygen("check-novalidate " + files, verify_patience);
  if (!valid.failure.empty()) return tl::unexpected(what_failed(valid));
  for (const std::string& principal : principals) {
    const CommandResult result =
        keygen(fmt::format("verify -f {} -I {} {}", quoted(name_option(allowed_signers.string())),
                           quoted(principal), files),
               verify_patience);
    if (!result.failure.empty()) continue;
    SshSigner signer{principal, key_in(valid.output)};
    if (!signer.key.empty()) return signer;
  }
  return tl::unexpected(fmt::format("{} does not give the key {} to {}", allowed_signers.string(),
                                    key_in(valid.output),
                                    principals.size() == 1 ? principals.front() : "anybody who may sign"));
}

}  // namespace usher
