#pragma once

#include <filesystem>

namespace usher::http {

/// The file of certificates that this system trusts: the first that is there of where Debian, Red Hat, SUSE
/// and Alpine keep theirs. Empty when none is. libcurl knows only where the file is on the system it was
/// built on.
///
/// root: the folder that stands for "/".
std::filesystem::path trusted_certificates(const std::filesystem::path& root = "/");

}  // namespace usher::http
