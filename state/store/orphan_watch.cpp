#include "state/store/orphan_watch.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "state/store/rows.hpp"

namespace usher {

namespace {

constexpr std::int64_t longest_step = 7 * 86'400;

}  // namespace

OrphanWatch::OrphanWatch(Database& database, PlatformId platform, std::string name)
    : database_(database), platform_(platform), name_(std::move(name)) {
  const auto told = database.fact(fact());
  if (!told) return;
  const char* end = told->data() + told->size();
  const auto [rest, wrong] = std::from_chars(told->data(), end, count_);
  if (wrong == std::errc() && rest != end) std::from_chars(rest + 1, end, counted_at_);
}

void OrphanWatch::advance(std::int64_t now) {
  if (counted_at_ >= 0 && counted_at_ - now > longest_step) {  // nobody knows what was counted
    database_.connection().statement("delete from orphan where platform = ?1")->run(number(platform_));
    counted_at_ = now;
    seen_.reset();
  }
  if (counted_at_ >= 0) count_ += std::clamp<std::int64_t>(now - counted_at_, 0, longest_step);
  counted_at_ = std::max(counted_at_, now);
  database_.set_fact(fact(), std::to_string(count_) + " " + std::to_string(counted_at_));
}

const std::map<std::string, OrphanWatch::Seen>& OrphanWatch::all() {
  if (seen_) return *seen_;
  seen_.emplace();
  const StatementLoan select =
      database_.connection().statement("select account, since, waited from orphan where platform = ?1");
  select->bind(number(platform_));
  while (select->step())
    seen_->emplace(select->text(0), Seen{std::string(select->text(1)), select->integer(2)});
  return *seen_;
}

void OrphanWatch::begin(const std::string& account, std::string_view since) {
  database_.connection()
      .statement("insert or replace into orphan values (?1, ?2, ?3, ?4)")
      ->run(number(platform_), account, since, count_);
  if (seen_) seen_->insert_or_assign(account, Seen{std::string(since), count_});
}

void OrphanWatch::end(const std::string& account) {
  database_.connection()
      .statement("delete from orphan where platform = ?1 and account = ?2")
      ->run(number(platform_), account);
  if (seen_) seen_->erase(account);
}

}  // namespace usher
