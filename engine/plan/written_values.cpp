#include "engine/plan/written_values.hpp"

#include "state/store/last_writes.hpp"

namespace usher {

WrittenValues::WrittenValues(const Target& target) : platform_(target.name) {
  for (const AccountProgram::Assignment& assignment : target.program->assignments())
    if (!assignment.attribute->readable && !assignment.attribute->secret) paths_.push_back(assignment.path);
}

Written WrittenValues::of(Connection& connection, const std::string& account) const {
  Written written;
  if (paths_.empty()) return written;
  for (auto& [path, write] : last_writes(connection, platform_, account, paths_))
    written.emplace(path, std::move(write.value));
  return written;
}

Written WrittenValues::forgotten() const {
  Written unknown;
  for (const std::string& path : paths_) unknown.emplace(path, std::nullopt);
  return unknown;
}

}  // namespace usher
