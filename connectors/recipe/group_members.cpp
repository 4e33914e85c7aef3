#include "connectors/recipe/group_members.hpp"

namespace usher::recipe {

void GroupMembers::begin(bool keeps) {
  const MutexLock lock(mutex_);
  keeps_ = keeps;
  readings_.clear();
  groups_.clear();
}

std::shared_ptr<GroupMembers::Reading> GroupMembers::reading_of(const Membership& membership) {
  const MutexLock lock(mutex_);
  if (!keeps_) return std::make_shared<Reading>();
  std::shared_ptr<Reading>& reading = readings_[{membership.kind, membership.entitlement}];
  if (!reading) reading = std::make_shared<Reading>();
  return reading;
}

Outcome<std::optional<GroupMembers::Edge>> GroupMembers::edge(const Membership& membership,
                                                              const std::function<Outcome<Members>()>& read) {
  const std::shared_ptr<Reading> reading = reading_of(membership);
  const MutexLock lock(reading->mutex);
  if (!reading->members) {
    auto members = read();
    if (!members) return tl::unexpected(std::move(members.error()));
    reading->members = std::move(*members);
  }
  const auto found = reading->members->find(membership.account);
  return found == reading->members->end() ? std::optional<Edge>() : std::optional(found->second);
}

Outcome<std::optional<Entitlement>> GroupMembers::group(const std::string& kind, const std::string& id,
                                                        const std::function<Outcome<Groups>()>& read) {
  const MutexLock lock(mutex_);
  auto known = groups_.find(kind);
  if (known == groups_.end()) {
    auto groups = read();
    if (!groups) return tl::unexpected(std::move(groups.error()));
    known = groups_.insert_or_assign(kind, std::move(*groups)).first;
  }
  const auto found = known->second.find(id);
  auto group = found == known->second.end() ? std::optional<Entitlement>() : std::optional(found->second);
  if (!keeps_) groups_.clear();
  return group;
}

void GroupMembers::change(const Membership& membership, const std::function<void(Members&)>& how) {
  const std::shared_ptr<Reading> reading = reading_of(membership);
  const MutexLock lock(reading->mutex);
  if (reading->members) how(*reading->members);
}

void GroupMembers::joined(const Membership& membership) {
  change(membership, [&](Members& members) { members[membership.account] = {membership.details, {}}; });
}

void GroupMembers::left(const Membership& membership) {
  change(membership, [&](Members& members) { members.erase(membership.account); });
}

void GroupMembers::forget(const Membership& membership) {
  const std::shared_ptr<Reading> reading = reading_of(membership);
  const MutexLock lock(reading->mutex);
  reading->members.reset();
}

}  // namespace usher::recipe
