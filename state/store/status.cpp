#include "state/store/status.hpp"

#include <limits>

#include "state/store/links.hpp"
#include "state/store/secret_spool.hpp"

namespace usher {

Status read_status(Database& database, std::size_t runs) {
  Connection& connection = database.connection();
  Snapshots snapshots(connection);
  Links links(connection);
  Journal journal(connection);
  Status status;
  status.state = database.file().string();
  for (PlatformState& platform : snapshots.platforms()) {
    const std::uint64_t linked = links.count(platform.platform);
    status.platforms.push_back({std::move(platform), linked});
  }
  status.runs = journal.runs(runs);
  status.open = journal.open_before(std::numeric_limits<std::int64_t>::max());
  status.secrets = SecretSpool::waiting(SecretSpool::beside(database.file()));
  return status;
}

}  // namespace usher
