#include "connectors/recipe/objects_read.hpp"

#include <utility>

namespace usher::recipe {

void ObjectsRead::begin(bool keeps) {
  const MutexLock lock(mutex_);
  keeps_ = keeps;
  replies_.clear();
}

void ObjectsRead::put(const std::string& account, Reply reply) {
  const MutexLock lock(mutex_);
  if (!keeps_) return;
  if (replies_.size() >= most) replies_.clear();  // of accounts that were not changed after all
  replies_.insert_or_assign(account, std::move(reply));
}

std::optional<ObjectsRead::Reply> ObjectsRead::take(const std::string& account) {
  const MutexLock lock(mutex_);
  const auto found = replies_.find(account);
  if (found == replies_.end()) return std::nullopt;
  std::optional<Reply> reply(std::move(found->second));
  replies_.erase(found);
  return reply;
}

}  // namespace usher::recipe
