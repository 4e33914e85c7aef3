#include "engine/desired/unique_allocators.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <tuple>

#include "state/model/normalise.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

std::optional<std::size_t> StickyAllocator::choose(const Person& person, const std::string& attribute,
                                                   const Offers& offers) {
  if (const auto mine = claims_.value(platform_, attribute, person.id)) {
    std::size_t passed = 0;
    for (auto offer = offers(); offer; offer = offers(), ++passed) {
      if (*offer == *mine) return passed;
    }
  }
  open_ = true;
  return std::nullopt;
}

NewAllocator::NewAllocator(const Database& database, Connection& connection, PlatformId platform,
                           const std::vector<std::string>& attributes)
    : fingerprints_(database.fingerprints()), claims_(connection), platform_(platform) {
  read_accounts(database, attributes);
}

void NewAllocator::read_accounts(const Database& database, const std::vector<std::string>& attributes) {
  Connection connection = database.reader();
  const std::vector<RowSlice> slices = Snapshots(connection).row_slices(platform_, 32);
  std::vector<std::vector<Held>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection own = database.reader();
    Snapshots(own).for_each_alive(slices[i], [&](const AccountView& view) {
      const auto account = nlohmann::json::parse(view.attributes);
      for (const std::string& attribute : attributes) {
        const nlohmann::json& value = at_path(account, attribute);
        if (!value.is_null()) parts[i].push_back({digest(attribute, value.dump()), view.key});
      }
    });
  });
  for (const auto& part : parts) held_.insert(held_.end(), part.begin(), part.end());
  tbb::parallel_sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
    return std::tie(a.value, a.account) < std::tie(b.value, b.account);
  });
}

std::uint64_t NewAllocator::digest(const std::string& attribute, const std::string& value) const {
  const Fingerprint whole = fingerprints_.of({attribute, value});
  std::uint64_t first = 0;
  std::memcpy(&first, whole.bytes.data(), sizeof first);
  return first;
}

std::optional<std::size_t> NewAllocator::choose(const Person& person, const std::string& attribute,
                                                const Offers& offers) {
  std::optional<std::pair<std::size_t, std::string>> choice;
  std::size_t passed = 0;
  for (auto offer = offers(); offer; offer = offers(), ++passed) {
    const bool own = is_own(attribute, *offer);
    if ((choice && !own) || !is_free(person.id, attribute, *offer)) continue;
    choice.emplace(passed, std::move(*offer));
    if (own || !account_) break;  // without an account there is nothing better to come
  }
  if (!choice) return std::nullopt;
  given_.insert_or_assign({attribute, choice->second}, std::string(person.id));
  chosen_.push_back({attribute, choice->second, std::string(person.id)});
  return choice->first;
}

bool NewAllocator::is_own(const std::string& attribute, const std::string& value) const {
  return account_ && std::binary_search(held_.begin(), held_.end(), Held{digest(attribute, value), *account_},
                                        [](const Held& a, const Held& b) {
                                          return std::tie(a.value, a.account) < std::tie(b.value, b.account);
                                        });
}

bool NewAllocator::is_free(std::string_view person, const std::string& attribute, const std::string& value) {
  const auto given = given_.find({attribute, value});
  if (given != given_.end() && given->second != person) return false;
  const auto holder = claims_.holder(platform_, attribute, value);
  if (holder && *holder != person) return false;
  const std::uint64_t wanted = digest(attribute, value);
  auto held = std::lower_bound(held_.begin(), held_.end(), wanted,
                               [](const Held& a, std::uint64_t b) { return a.value < b; });
  for (; held != held_.end() && held->value == wanted; ++held) {
    if (held->account != account_) return false;
  }
  return true;
}

}  // namespace usher
