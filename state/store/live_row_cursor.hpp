#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "state/store/packed.hpp"
#include "state/store/rows.hpp"

namespace usher {

/// What is known of an account that lives in the last published snapshot.
struct LiveVersion {
  std::int64_t row = 0;
  Fingerprint key;
  Fingerprint digest;
};

/// Finds the living version of each account of a pull. Pulls mostly come in the order of the last one, which
/// is row order: so it walks the rows in step with the pull, a block at a time, and looks a key up only when
/// the next row is of another account. Where two keys in a row were looked up and found side by side, the
/// walk goes on from there.
class LiveRowCursor {
 public:
  /// Of the rows up to `last_row`.
  LiveRowCursor(Connection& connection, PlatformId platform, std::int64_t last_row);

  std::optional<LiveVersion> find(const Fingerprint& key);

 private:
  void load(std::int64_t from, std::size_t rows);
  std::optional<LiveVersion> look_up(const Fingerprint& key);
  void follow(std::int64_t row);

  Connection& connection_;
  PlatformId platform_;
  std::int64_t last_row_;
  PackedTable<AccountEntry> accounts_;
  std::vector<LiveVersion> block_;
  std::size_t block_rows_ = 0;  // asked for; the block is the last one when it holds fewer
  std::size_t next_ = 0;        // in block_: the row expected now
  std::int64_t looked_up_ = 0;  // row of the account before, when that was looked up
};

/// Calls `visit` with each living version up to `last_row` in row order, a block at a time: no read stays
/// open while it runs.
template <class Visit>
void for_each_living(Connection& connection, PlatformId platform, std::int64_t last_row, const Visit& visit);

/// At most `limit` living versions from a row on, in row order, into `block`.
void read_living(Connection& connection, const RowSlice& slice, std::size_t limit,
                 std::vector<LiveVersion>& block);

template <class Visit>
void for_each_living(Connection& connection, PlatformId platform, std::int64_t last_row, const Visit& visit) {
  constexpr std::size_t block_size = 4096;
  std::vector<LiveVersion> block;
  RowSlice rest{first_row(platform), last_row};
  do {
    read_living(connection, rest, block_size, block);
    for (const LiveVersion& version : block) visit(version);
    if (!block.empty()) rest.first = block.back().row + 1;
  } while (block.size() == block_size);
}

}  // namespace usher
