#include "state/store/migration.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "state/store/schema_sql.hpp"

namespace usher {

std::vector<Migration> built_in_migrations() {
  constexpr std::string_view prefix = "migration_";
  std::vector<Migration> migrations;
  for (const auto& [name, sql] : schema_files) {
    if (!name.starts_with(prefix)) continue;
    Migration migration{0, sql};
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), migration.version);
    migrations.push_back(migration);
  }
  std::ranges::sort(migrations, {}, &Migration::version);
  return migrations;
}

std::string_view built_in_schema() {
  return std::ranges::find(schema_files, "schema", [](const auto& file) { return file.first; })->second;
}

void create_schema(Connection& connection, std::string_view schema, int version) {
  connection.execute(std::string(schema));
  connection.execute("pragma application_id = " + std::to_string(application_id));
  connection.execute("pragma user_version = " + std::to_string(version));
}

void migrate(Connection& connection, std::span<const Migration> migrations) {
  for (const Migration& migration : migrations) {
    if (migration.version <= schema_version_of(connection)) continue;
    Transaction transaction(connection);
    connection.execute(std::string(migration.sql));
    connection.execute("pragma user_version = " + std::to_string(migration.version));
    transaction.commit();
  }
}

int schema_version_of(Connection& connection) {
  Statement version = connection.prepare("pragma user_version");
  version.step();
  return static_cast<int>(version.integer(0));
}

}  // namespace usher
