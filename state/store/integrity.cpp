#include "state/store/integrity.hpp"

namespace usher {

std::vector<std::string> state_faults(Database& database) {
  std::vector<std::string> faults;
  Statement pages = database.connection().prepare("pragma integrity_check(100)");
  while (pages.step()) {
    if (pages.text(0) != "ok") faults.emplace_back(pages.text(0));
  }
  Statement keys = database.connection().prepare("pragma foreign_key_check");
  while (keys.step())
    faults.push_back("a row of " + std::string(keys.text(0)) + " refers to a row of " +
                     std::string(keys.text(2)) + " that is not there");
  return faults;
}

void vacuum_state(Database& database) {
  database.connection().execute("vacuum");
  Statement checkpoint = database.connection().prepare("pragma wal_checkpoint(truncate)");
  while (checkpoint.step()) {
  }
}

}  // namespace usher
