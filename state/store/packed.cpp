#include "state/store/packed.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace usher {

namespace {

/// Bytes a bucket holds at most on average: several fit a page of SQLite, which is 4096.
constexpr std::uint64_t crowded = 1200;

/// Of a key, that number its bucket: as many as a row's number has room for.
constexpr unsigned most_bits = 32;

std::uint64_t leading_bits(const Fingerprint& key, unsigned bits) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | key.bytes[i];
  return bits == 0 ? 0 : prefix >> (64 - bits);
}

[[noreturn]] void refuse(std::string_view what) {
  throw StoreError(StoreErrorKind::corrupt,
                   fmt::format("the state is damaged: {}. Restore it from a backup, or move it away and pull "
                               "anew",
                               what));
}

constexpr std::size_t checksum_size = 8;

std::uint64_t checksum_of(std::string_view entries) {
  return XXH3_64bits(entries.data(), entries.size());
}

std::string with_checksum(std::string_view entries) {
  std::string row(entries);
  const std::uint64_t checksum = checksum_of(entries);
  row.append(reinterpret_cast<const char*>(&checksum), checksum_size);
  return row;
}

/// The entries of a row, which are whole and as they were written. A row of version 4 has no checksum.
std::string_view checked(std::string_view row, std::size_t entry_size) {
  const std::size_t rest = row.size() % entry_size;
  if (rest == 0) return row;
  if (rest != checksum_size)
    refuse(fmt::format("a packed row of {} bytes is no multiple of {}", row.size(), entry_size));
  const std::string_view entries = row.substr(0, row.size() - checksum_size);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, row.data() + entries.size(), checksum_size);
  if (checksum != checksum_of(entries)) refuse("a packed row does not agree with its checksum");
  return entries;
}

Fingerprint key_at(std::string_view entries, std::size_t at) {
  return Fingerprint::from_bytes(entries.data() + at, sizeof(Fingerprint));
}

}  // namespace

PackedSpace::PackedSpace(Connection& connection, PlatformId platform, Packing what, std::size_t entry_size)
    : connection_(connection),
      space_(static_cast<std::int64_t>(platform) * 2 + static_cast<std::int64_t>(what)),
      entry_size_(entry_size) {
  const StatementLoan select =
      connection.statement("select side, bits, entries from packing where space = ?1");
  if (!select->bind(space_).step()) return;
  side_ = select->integer(0);
  const std::int64_t bits = select->integer(1);
  if (side_ < 0 || side_ > 1 || bits < 0 || bits > most_bits)
    refuse(fmt::format("packed rows are numbered by {} bits on side {}", bits, side_));
  bits_ = static_cast<unsigned>(bits);
  count_ = static_cast<std::uint64_t>(select->integer(2));
}

std::uint64_t PackedSpace::bucket_of(const Fingerprint& key) const {
  return leading_bits(key, bits_);
}

std::string_view PackedSpace::load(std::uint64_t bucket) {
  const StatementLoan select = connection_.statement("select entries from packed where id = ?1");
  loaded_.clear();
  if (select->bind(id_of(bucket)).step()) loaded_ = checked(select->bytes(0), entry_size_);
  return loaded_;
}

void PackedSpace::store(std::uint64_t bucket, std::string_view entries, std::size_t entries_before) {
  count_ = count_ + entries.size() / entry_size_ - entries_before;
  if (entries.empty()) {
    connection_.statement("delete from packed where id = ?1")->run(id_of(bucket));
  } else {
    const std::string row = with_checksum(entries);
    connection_.statement("insert or replace into packed values (?1, ?2)")->run(id_of(bucket), Bytes{row});
  }
}

void PackedSpace::expect(std::uint64_t entries) {
  unsigned bits = bits_;
  while (bits < most_bits && entries * entry_size_ > crowded << bits) ++bits;
  if (bits != bits_) cut(bits);
}

void PackedSpace::clear() {
  connection_.statement("delete from packed where id between ?1 and ?2")
      ->run(base(side_), base(side_) + 0xffffffff);
  connection_.statement("delete from packing where space = ?1")->run(space_);
  bits_ = 0;
  count_ = 0;
}

void PackedSpace::finish() {
  connection_.statement("insert or replace into packing values (?1, ?2, ?3, ?4)")
      ->run(space_, side_, bits_, count_);
}

void PackedSpace::cut(unsigned bits) {
  const std::int64_t old = base(side_);
  side_ = 1 - side_;
  bits_ = bits;
  {
    Statement select =
        connection_.prepare("select entries from packed where id between ?1 and ?2 order by id");
    select.bind(old, old + 0xffffffff);
    while (select.step()) write_all(checked(select.bytes(0), entry_size_));
  }
  connection_.statement("delete from packed where id between ?1 and ?2")->run(old, old + 0xffffffff);
}

/// Writes the entries of one old bucket into the new ones.
void PackedSpace::write_all(std::string_view entries) {
  const StatementLoan insert = connection_.statement("insert into packed values (?1, ?2)");
  for (std::size_t first = 0; first < entries.size();) {
    const std::uint64_t bucket = bucket_of(key_at(entries, first));
    std::size_t last = first + entry_size_;
    while (last < entries.size() && bucket_of(key_at(entries, last)) == bucket) last += entry_size_;
    const std::string row = with_checksum(entries.substr(first, last - first));
    insert->run(id_of(bucket), Bytes{row});
    first = last;
  }
}

PackedScan::PackedScan(Connection& connection, PlatformId platform, Packing what, std::size_t entry_size,
                       const Fingerprint& first, const Fingerprint& last)
    : select_(connection.prepare("select entries from packed where id between ?1 and ?2 order by id")),
      entry_size_(entry_size),
      first_(first),
      last_(last) {
  const PackedSpace space(connection, platform, what, entry_size);
  select_.bind(space.id_of(space.bucket_of(first)), space.id_of(space.bucket_of(last)));
}

/// The next bucket, without the entries outside the range: only the first and the last bucket have some.
bool PackedScan::load() {
  if (!more_ || !(more_ = select_.step())) return false;
  const std::string_view entries = checked(select_.bytes(0), entry_size_);
  at_ = reinterpret_cast<const unsigned char*>(entries.data());
  end_ = at_ + entries.size();
  const auto outside = [&](const unsigned char* entry, const Fingerprint& bound, int sign) {
    return std::memcmp(entry, bound.bytes.data(), bound.bytes.size()) * sign > 0;
  };
  while (at_ != end_ && outside(at_, first_, -1)) at_ += entry_size_;
  while (at_ != end_ && outside(end_ - entry_size_, last_, 1)) end_ -= entry_size_;
  return true;
}

}  // namespace usher
