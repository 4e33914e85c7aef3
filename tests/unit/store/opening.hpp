#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "state/store/database.hpp"

namespace usher::test {

/// What opening a state says; fails the test when it says nothing.
inline StoreError refusal(const std::filesystem::path& file, Access access) {
  try {
    Database database(file, access, "usher test");
  } catch (const StoreError& error) {
    return error;
  }
  ADD_FAILURE() << "opened";
  return {StoreErrorKind::failed, ""};
}

/// Does something to a file behind the back of usher.
inline void with_sqlite(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(handle);
}

}  // namespace usher::test
