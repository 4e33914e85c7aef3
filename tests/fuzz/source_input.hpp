#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/registry.hpp"

namespace usher::fuzz {

/// Bytes as a file of this process alone.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size)
      : descriptor_(::memfd_create("source", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || ::write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

inline Settings settings_of(const std::string& connector, const std::map<std::string, std::string>& options) {
  Settings settings;
  settings.platform = "hr";
  settings.connector = connector;
  settings.directory = "/";
  for (const auto& [name, value] : options) settings.options[name].text = value;
  return settings;
}

/// Reads all of it, twice, and ends the process when the two readings differ or a record is not what a pull
/// relies on: a key, and an object of attributes.
inline void read_twice(Connector& connector) {
  const auto read = [&] {
    std::string all;
    std::string cursor;
    do {
      const Outcome<Page> page = connector.fetch(cursor, {});
      if (!page) return all + "failed: " + page.error().message;
      for (const Account& account : page->accounts) {
        if (account.id.empty() || !account.attributes.starts_with('{')) std::abort();
        all += account.id + account.attributes + '\n';
      }
      for (const BadRecord& bad : page->bad) all += bad.where + bad.why + '\n';
      if (!page->next.empty() && page->next == cursor) std::abort();
      cursor = page->next;
    } while (!cursor.empty());
    return all;
  };
  if (read() != read()) std::abort();
}

}  // namespace usher::fuzz
