#include "state/store/rows.hpp"

#include <vector>

namespace usher {

void remove_unpublished_rows(Connection& connection, PlatformId platform) {
  connection
      .statement("delete from body where row > (select last_row from platform where id = ?1) and row <= ?2")
      ->run(static_cast<std::int64_t>(platform), all_rows(platform).last);
}

void remove_unpublished_rows(Connection& connection) {
  std::vector<PlatformId> platforms;
  Statement select = connection.prepare("select id from platform");
  while (select.step()) platforms.push_back(PlatformId{select.integer(0)});
  Transaction transaction(connection);
  for (const PlatformId platform : platforms) remove_unpublished_rows(connection, platform);
  transaction.commit();
}

}  // namespace usher
