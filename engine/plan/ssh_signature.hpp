#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace usher {

// Signatures as `ssh-keygen -Y` makes and verifies them, of the namespace below. Each call starts ssh-keygen
// and waits for it; what it needs lies in a private folder below TMPDIR meanwhile. Errors are sentences
// without their end; CommandError(failed) where that folder cannot be made or written.

inline constexpr const char* signature_namespace = "usher-approval";

/// Whose a signature is.
struct SshSigner {
  std::string principal;
  std::string key;  ///< "SHA256:…"
};

/// The signature of a text by the key in a file; by one that an agent holds where the file is a public key.
/// May ask for a passphrase on the terminal.
tl::expected<std::string, std::string> ssh_signature(const std::filesystem::path& key,
                                                     const std::string& text);

/// Which of these principals signed the text, by the keys that the file of allowed signers says are theirs
/// now: the first of them that did.
tl::expected<SshSigner, std::string> ssh_signer(const std::filesystem::path& allowed_signers,
                                                const std::vector<std::string>& principals,
                                                const std::string& signature, const std::string& text);

}  // namespace usher
