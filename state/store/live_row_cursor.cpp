#include "state/store/live_row_cursor.hpp"

#include <algorithm>

namespace usher {

namespace {

constexpr std::size_t first_block = 32;  // after a jump; each further block is twice as large
constexpr std::size_t largest_block = 2048;
constexpr std::int64_t near = 256;  // rows; so far a lookup is taken for a gap in the walk and not for a jump

}  // namespace

void read_living(Connection& connection, const RowSlice& slice, std::size_t limit,
                 std::vector<LiveVersion>& block) {
  block.clear();
  const StatementLoan select = connection.statement(
      "select row, key, digest from body where row between ?1 and ?2 and died is null limit ?3");
  select->bind(slice.first, slice.last, limit);
  while (select->step())
    block.push_back({select->integer(0), select->fingerprint(1), select->fingerprint(2)});
}

LiveRowCursor::LiveRowCursor(Connection& connection, PlatformId platform, std::int64_t last_row)
    : connection_(connection),
      platform_(platform),
      last_row_(last_row),
      accounts_(connection, platform, Packing::accounts) {
  load(first_row(platform), first_block);
}

std::optional<LiveVersion> LiveRowCursor::find(const Fingerprint& key) {
  if (accounts_.count() == 0) return std::nullopt;
  if (next_ == block_.size() && block_.size() == block_rows_)
    load(block_.back().row + 1, std::min(2 * block_rows_, largest_block));
  if (next_ < block_.size() && block_[next_].key == key) {
    looked_up_ = 0;
    return block_[next_++];
  }
  std::optional<LiveVersion> found = look_up(key);
  if (found) follow(found->row);
  return found;
}

void LiveRowCursor::load(std::int64_t from, std::size_t rows) {
  read_living(connection_, {from, last_row_}, rows, block_);
  block_rows_ = rows;
  next_ = 0;
}

std::optional<LiveVersion> LiveRowCursor::look_up(const Fingerprint& key) {
  const std::optional<AccountEntry> entry = accounts_.find(key);
  if (!entry) return std::nullopt;
  return LiveVersion{first_row(platform_) + entry->offset(), key, entry->digest};
}

void LiveRowCursor::follow(std::int64_t row) {
  const bool side_by_side = row > looked_up_ && row - looked_up_ <= near;
  looked_up_ = row;
  const auto place = std::ranges::lower_bound(block_, row, {}, &LiveVersion::row);
  const bool here = place != block_.end() && place->row == row;
  const auto at = static_cast<std::size_t>(place - block_.begin());
  if (here && (side_by_side || (at >= next_ && at - next_ <= near))) {
    next_ = at + 1;
  } else if (side_by_side) {
    load(row + 1, first_block);
  }
}

}  // namespace usher
