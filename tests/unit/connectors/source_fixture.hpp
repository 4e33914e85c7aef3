#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace usher::test {

/// Everything a connector answered, page after page.
struct Pulled {
  std::vector<Account> accounts;
  std::vector<std::uint64_t> lines;  ///< of the accounts
  std::vector<BadRecord> bad;
  std::vector<std::size_t> page_sizes;
  std::vector<std::string> cursors;
  std::size_t items = 0;
  std::string no_proof;
  bool may_be_empty = false;
  std::optional<Failure> failure;
};

inline Pulled pull(Connector& connector) {
  Pulled pulled;
  std::string cursor;
  do {
    Outcome<Page> page = connector.fetch(cursor, {});
    if (!page) {
      pulled.failure = page.error();
      return pulled;
    }
    pulled.page_sizes.push_back(page->accounts.size());
    pulled.items += page->items;
    pulled.lines.insert(pulled.lines.end(), page->lines.begin(), page->lines.end());
    for (Account& account : page->accounts) pulled.accounts.push_back(std::move(account));
    for (BadRecord& record : page->bad) pulled.bad.push_back(std::move(record));
    pulled.no_proof = page->no_proof;
    pulled.may_be_empty = page->may_be_empty;
    cursor = page->next;
    pulled.cursors.push_back(cursor);
  } while (!cursor.empty());
  return pulled;
}

/// A folder of its own with source files in it.
class SourceTest : public testing::Test {
 protected:
  SourceTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "usher-source-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  ~SourceTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Writes a file; gives its name, relative to the folder.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return name;
  }

  Settings settings(const std::string& connector, const std::map<std::string, std::string>& options) const {
    Settings settings;
    settings.platform = "hr";
    settings.connector = connector;
    settings.directory = folder_.string();
    settings.place = {"usher.yaml", 4, 3};
    for (const auto& [name, value] : options) {
      settings.options[name].text = value;
      settings.options[name].place = {"usher.yaml", 5, 10};
    }
    return settings;
  }

  std::filesystem::path folder_;
};

}  // namespace usher::test
