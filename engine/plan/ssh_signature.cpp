#include "engine/plan/ssh_signature.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

#include "rules/config/command.hpp"

namespace usher {

namespace {

namespace fs = std::filesystem;

/// A folder that only its owner may enter, gone when this is.
class SignatureFolder {
 public:
  SignatureFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "usher-approval-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      why_ = fmt::format("{}: no folder can be made there: {}; TMPDIR names another place", name,
                         std::strerror(errno));
    else
      folder_ = name;
  }
  ~SignatureFolder() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  SignatureFolder(const SignatureFolder&) = delete;
  SignatureFolder& operator=(const SignatureFolder&) = delete;

  /// Empty: it can be used.
  const std::string& why() const { return why_; }
  fs::path put(const char* name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

 private:
  fs::path folder_;
  std::string why_;
};

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
  SignatureFolder folder;
  if (!folder.why().empty()) return tl::unexpected(folder.why());
  const fs::path file = folder.put("statement", text);
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
  errno = 0;
  if (!std::ifstream(allowed_signers))
    return tl::unexpected(fmt::format("the file of allowed signers {} cannot be read: {}",
                                      allowed_signers.string(), std::strerror(errno)));
  SignatureFolder folder;
  if (!folder.why().empty()) return tl::unexpected(folder.why());
  const std::string files = fmt::format("-n {} -s {} < {}", signature_namespace,
                                        quoted(folder.put("signature", signature).string()),
                                        quoted(folder.put("statement", text).string()));
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
