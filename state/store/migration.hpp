#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "state/store/connection.hpp"

namespace usher {

/// The version of schema.sql; `pragma user_version` of every file this program writes.
inline constexpr int schema_version = 6;
/// `pragma application_id` of every state: "ushr".
inline constexpr int application_id = 0x75736872;

/// SQL that brings a state from the version before to `version`.
struct Migration {
  int version = 0;
  std::string_view sql;
};

/// The migrations built in: migration_2.sql and so on beside schema.sql, in order. schema.sql is always the
/// newest version whole, so that a new state needs none of them; a test holds the two ways equal.
std::vector<Migration> built_in_migrations();
std::string_view built_in_schema();

/// Makes an empty file a state of the newest version, in the caller's transaction.
void create_schema(Connection& connection, std::string_view schema, int version);
/// Runs what is missing, each step in a transaction of its own: a failure leaves the version before.
void migrate(Connection& connection, std::span<const Migration> migrations);
int schema_version_of(Connection& connection);

}  // namespace usher
