#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rules/config.hpp"

namespace usher::test {

/// Edits of a text, one after the other: what stands in it, and what stands there afterwards.
using Edits = std::vector<std::pair<std::string, std::string>>;

/// The configuration `text` with edits done to it, read back from `file`. Throws std::runtime_error where a
/// text to be edited is not there, and for the first mistake of the configuration.
inline Config edited_config(const std::filesystem::path& file, std::string text, const Edits& edits) {
  for (const auto& [before, after] : edits) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) throw std::runtime_error("there is no " + before);
    text.replace(at, before.size(), after);
  }
  std::ofstream(file, std::ios::binary) << text;
  auto loaded = load_config(file, Secrets::skip);
  if (!loaded) throw std::runtime_error(to_string(loaded.error().at(0)));
  return std::move(*loaded);
}

}  // namespace usher::test
