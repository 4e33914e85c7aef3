#include "state/store/packed.hpp"

#include <algorithm>

namespace usher {

namespace {

/// Bytes a bucket holds at most on average: several fit a page of SQLite, which is 4096.
constexpr std::uint64_t crowded = 1200;

std::uint64_t leading_bits(const Fingerprint& key, unsigned bits) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | key.bytes[i];
  return bits == 0 ? 0 : prefix >> (64 - bits);
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
  bits_ = static_cast<unsigned>(select->integer(1));
  count_ = static_cast<std::uint64_t>(select->integer(2));
}

std::uint64_t PackedSpace::bucket_of(const Fingerprint& key) const {
  return leading_bits(key, bits_);
}

std::string_view PackedSpace::load(std::uint64_t bucket) {
  const StatementLoan select = connection_.statement("select entries from packed where id = ?1");
  loaded_.clear();
  if (select->bind(id_of(bucket)).step()) loaded_ = select->bytes(0);
  return loaded_;
}

void PackedSpace::store(std::uint64_t bucket, std::string_view entries, std::size_t entries_before) {
  count_ = count_ + entries.size() / entry_size_ - entries_before;
  if (entries.empty()) {
    connection_.statement("delete from packed where id = ?1")->run(id_of(bucket));
  } else {
    connection_.statement("insert or replace into packed values (?1, ?2)")
        ->run(id_of(bucket), Bytes{entries});
  }
}

void PackedSpace::expect(std::uint64_t entries) {
  constexpr unsigned most_bits = 32;
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
    while (select.step()) write_all(select.bytes(0));
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
    insert->run(id_of(bucket), Bytes{entries.substr(first, last - first)});
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
  const std::string_view entries = select_.bytes(0);
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
