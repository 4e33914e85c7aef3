#include "rules/config/references.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "rules/config/command.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

using Answer = tl::expected<Resolved, std::string>;

constexpr std::size_t largest_secret = 1U << 20U;

/// What editors and commands put around a secret is no part of it: a byte order mark, line ends behind it.
std::string without_frame(std::string text) {
  text.erase(text.find_last_not_of("\r\n") + 1);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

bool has_line_break(const std::string& text) {
  return text.find_first_of("\r\n") != std::string::npos;
}

Answer from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return tl::unexpected(fmt::format("the environment variable {} is not set", name));
  if (*value == '\0') return tl::unexpected(fmt::format("the environment variable {} is empty", name));
  return Resolved{value, {}};
}

Answer from_file(const std::filesystem::path& path, const std::string& shown) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return tl::unexpected(
        fmt::format("the secret file {} cannot be opened: {}", shown, std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return tl::unexpected(fmt::format("the secret file {} is not a file", shown));
  if ((info.st_mode & S_IWOTH) != 0)
    return tl::unexpected(fmt::format("anybody can write to the secret file {}: chmod 600 it", shown));
  if (static_cast<std::size_t>(info.st_size) > largest_secret)
    return tl::unexpected(fmt::format("the secret file {} is larger than 1 MiB", shown));
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) return tl::unexpected(fmt::format("the secret file {} cannot be read", shown));
  text = without_frame(std::move(text));
  if (text.empty()) return tl::unexpected(fmt::format("the secret file {} is empty", shown));
  if (has_line_break(text))
    return tl::unexpected(
        fmt::format("the secret file {} has several lines; a secret is one line: leave the "
                    "others out",
                    shown));
  Resolved resolved{std::move(text), {}};
  if ((info.st_mode & S_IROTH) != 0)
    resolved.warning =
        fmt::format("anybody on this machine can read the secret file {}: chmod 600 it", shown);
  return resolved;
}

Answer from_credential(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr)
    return tl::unexpected(fmt::format(
        "the credential {} needs CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential={}:…", name,
        name));
  if (name.find('/') != std::string::npos)
    return tl::unexpected(fmt::format("the credential {} must be a name, not a path", name));
  return from_file(std::filesystem::path(folder) / name, name);
}

/// Neither the command nor what it printed is shown: both may hold a secret, and nobody knows which part.
Answer from_command(const std::string& command, const std::filesystem::path& directory) {
  const CommandResult result = run_command(command, directory, std::chrono::seconds(60));
  if (!result.failure.empty())
    return tl::unexpected(fmt::format(
        "the command of ${{cmd:…}} {}; run it in a shell, in the folder of the configuration, to see why",
        result.failure));
  std::string text = without_frame(result.output);
  if (text.empty()) return tl::unexpected(std::string("the command of ${cmd:…} printed nothing"));
  if (has_line_break(text))
    return tl::unexpected(std::string(
        "the command of ${cmd:…} printed several lines; a secret is one line: let it print the one"));
  return Resolved{std::move(text), {}};
}

/// The '}' that closes a reference; braces inside a command come in pairs.
std::size_t closing(const std::string& text, std::size_t from) {
  int depth = 1;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string::npos;
}

Answer one(const std::string& reference, const std::filesystem::path& directory, bool look) {
  static const std::vector<std::string> kinds = {"env", "file", "cmd", "cred"};
  const std::size_t colon = reference.find(':');
  const std::string kind = reference.substr(0, colon);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    const std::string near = nearest(kind, kinds);
    return tl::unexpected(
        fmt::format("'${{{}' is unknown: write ${{{}:…}}{}", kind, near.empty() ? "env" : near,
                    near.empty() ? ", ${file:…}, ${cmd:…} or ${cred:…}; $${ stands for ${" : ""));
  }
  const std::string name = colon == std::string::npos ? std::string() : reference.substr(colon + 1);
  if (name.empty()) return tl::unexpected(fmt::format("${{{}:…}} lacks what comes after the colon", kind));
  if (!look) return Resolved{"${" + reference + "}", {}};
  if (kind == "env") return from_environment(name);
  if (kind == "file") return from_file(directory / name, name);
  if (kind == "cred") return from_credential(name);
  return from_command(name, directory);
}

}  // namespace

bool names_reference(const std::string& text) {
  for (const char* kind : {"${env:", "${file:", "${cmd:", "${cred:"})
    if (text.find(kind) != std::string::npos) return true;
  return false;
}

bool has_reference(const std::string& text) {
  return text.find("${") != std::string::npos;
}

Answer resolve_references(const std::string& text, const std::filesystem::path& directory, bool look) {
  Resolved resolved;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = text.find("${", at);
    if (start == std::string::npos) break;
    if (start > at && text[start - 1] == '$') {
      resolved.text.append(text, at, start - 1 - at).append("${");
      at = start + 2;
      continue;
    }
    const std::size_t end = closing(text, start + 2);
    if (end == std::string::npos) return tl::unexpected(std::string("a '${' is not closed with '}'"));
    Answer part = one(text.substr(start + 2, end - start - 2), directory, look);
    if (!part) return part;
    resolved.text.append(text, at, start - at).append(part->text);
    if (!part->warning.empty()) resolved.warning = part->warning;
    resolved.parts.push_back(std::move(part->text));
    at = end + 1;
  }
  if (at < text.size()) resolved.text.append(text, at);
  return resolved;
}

}  // namespace usher
