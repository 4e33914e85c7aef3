#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace usher {

/// Whether a text holds one of ${env:…}, ${file:…}, ${cmd:…} and ${cred:…}.
bool names_reference(const std::string& text);
/// Whether a text holds ${….
bool has_reference(const std::string& text);

/// A text with its references put in, or what is wrong with one of them. Messages hold no secret.
struct Resolved {
  std::string text;
  std::string warning;                  ///< about a file that others can read; empty: none
  std::vector<std::string> parts = {};  ///< what each reference stood for
};

/// Replaces ${env:NAME}, ${file:PATH}, ${cmd:COMMAND} and ${cred:NAME} ($CREDENTIALS_DIRECTORY) by what they
/// stand for; $${ stands for ${. One line end after a value is left out. look: false only checks their form
/// and gives the text back. directory: where relative paths and commands start. A command gets a minute.
tl::expected<Resolved, std::string> resolve_references(const std::string& text,
                                                       const std::filesystem::path& directory, bool look);

}  // namespace usher
