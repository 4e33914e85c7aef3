#include "engine/answers/record_line.hpp"

namespace usher {

RecordLine line_of_record(Connector& source, const PlatformState& pulled, const std::string& record) {
  if (source.signature() != pulled.source) return {};
  RecordLine found{true};
  std::string cursor;
  do {
    const Outcome<Page> page = source.fetch(cursor, {});
    if (!page) break;
    for (std::size_t i = 0; i < page->lines.size(); ++i) {
      if (page->accounts[i].id != record) continue;
      found.line = page->lines[i];
      return found;
    }
    cursor = page->next;
  } while (!cursor.empty());
  return found;
}

}  // namespace usher
