#include "state/store/plans.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>

#include "state/model/sha256.hpp"
#include "state/store/zstd_frame.hpp"

namespace usher {

namespace {

/// Bytes of a part: SQLite holds no text of a gigabyte in one row, and binds a copy of what it stores.
constexpr std::size_t part_size = 1 << 20;
/// They are compressed in parallel.
constexpr std::size_t parts_at_once = 8;
/// A piece that is written at once may be longer than a part.
constexpr std::size_t largest_part = std::size_t{1} << 30;

}  // namespace

std::string Plans::put(std::string_view created_at, const Writer& write) {
  Transaction transaction(connection_);
  const std::int64_t plan = begin(created_at);
  const std::string digest = put_content(plan, write);
  const bool known = connection_.statement("select 1 from plan where digest = ?1")->bind(digest).step();
  if (known) {
    connection_.statement("delete from plan where id = ?1")->run(plan);
    connection_.statement("update plan set created_at = ?2 where digest = ?1")->run(digest, created_at);
  } else {
    connection_.statement("update plan set digest = ?2 where id = ?1")->run(plan, digest);
  }
  transaction.commit();
  return digest;
}

std::int64_t Plans::begin(std::string_view created_at) {
  const StatementLoan insert =
      connection_.statement("insert into plan (digest, created_at) values ('', ?1) returning id");
  insert->bind(created_at).step();
  return insert->integer(0);
}

std::string Plans::put_content(std::int64_t plan, const Writer& write) {
  const StatementLoan insert = connection_.statement("insert into plan_part values (?1, ?2, ?3)");
  Sha256 digest;
  std::vector<std::string> parts(1);
  std::int64_t number = 0;
  const auto flush = [&] {
    std::vector<std::string> frames(parts.size());
    tbb::parallel_invoke(
        [&] {
          for (const std::string& part : parts) digest.add(part);
        },
        [&] {
          tbb::parallel_for(std::size_t{0}, parts.size(),
                            [&](std::size_t i) { frames[i] = zstd_frame(parts[i]); });
        });
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (!parts[i].empty()) insert->run(plan, number++, Bytes{frames[i]});
    parts.assign(1, {});
  };
  write([&](std::string_view piece) {
    parts.back() += piece;
    if (parts.back().size() < part_size) return;
    if (parts.size() == parts_at_once) return flush();
    parts.emplace_back();
  });
  flush();
  return digest.hex();
}

std::vector<std::string> Plans::find(std::string_view prefix) {
  std::vector<std::string> digests;
  const StatementLoan select = connection_.statement(
      "select digest from plan where substr(digest, 1, length(?1)) = ?1 order by digest");
  select->bind(prefix);
  while (select->step()) digests.emplace_back(select->text(0));
  return digests;
}

std::vector<std::string> Plans::newest(std::size_t limit) {
  std::vector<std::string> digests;
  const StatementLoan select =
      connection_.statement("select digest from plan order by created_at desc, id desc limit ?1");
  select->bind(limit);
  while (select->step()) digests.emplace_back(select->text(0));
  return digests;
}

std::string Plans::created_at(std::string_view digest) {
  const StatementLoan select = connection_.statement("select created_at from plan where digest = ?1");
  return select->bind(digest).step() ? std::string(select->text(0)) : std::string();
}

std::optional<StoredPlan> Plans::load(std::string_view digest) {
  const StatementLoan select =
      connection_.statement("select digest, created_at, id from plan where digest = ?1");
  if (!select->bind(digest).step()) return std::nullopt;
  StoredPlan plan{std::string(select->text(0)), std::string(select->text(1)), ""};
  const StatementLoan parts =
      connection_.statement("select content, typeof(content) from plan_part where plan = ?1 order by number");
  parts->bind(select->integer(2));
  while (parts->step()) {
    const bool plain = parts->text(1) == "text";  // written before plans were compressed
    plan.content += plain ? std::string(parts->text(0)) : zstd_content(parts->bytes(0), largest_part);
  }
  return plan;
}

}  // namespace usher
