#include "state/store/approvals.hpp"

#include <algorithm>
#include <set>

#include "state/model/sha256.hpp"

namespace usher {

namespace {

#define USHER_APPROVAL_COLUMNS                                                  \
  "id, lanes, plan, given_at, until, actor, reason, coalesce(revoked_at, ''), " \
  "(select count(*) from approved_operation where approval = approval.id), "    \
  "(select count(done_at) from approved_operation where approval = approval.id) from approval"

constexpr const char* signed_by = "; signed by ";

// Names of lanes have no blanks.
std::string joined(const std::vector<std::string>& lanes) {
  std::string text;
  for (const std::string& lane : lanes) text += (text.empty() ? "" : " ") + lane;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lanes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    lanes.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lanes;
}

Approval approval_in(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return {row.integer(0),
          split(row.text(1)),
          text(2),
          text(3),
          text(4),
          text(5),
          text(6),
          text(7),
          static_cast<std::uint64_t>(row.integer(8)),
          static_cast<std::uint64_t>(row.integer(9))};
}

}  // namespace

std::string digest_of_admitted(std::span<const ApprovedOperation> operations) {
  std::set<std::pair<std::string, std::string>> admitted;
  for (const ApprovedOperation& one : operations) admitted.emplace(one.digest, one.does);
  std::string text;
  for (const auto& [digest, does] : admitted) text += digest + ' ' + does + '\n';
  return sha256(text);
}

bool Approval::is_for(const std::string& lane) const {
  return std::find(lanes.begin(), lanes.end(), lane) != lanes.end();
}

std::string Approval::text() const {
  std::string text = told();
  for (std::size_t i = 0; i < signers.size(); ++i)
    text += (i == 0 ? signed_by : i + 1 < signers.size() ? ", " : " and ") + signers[i];
  return text;
}

bool Approval::is_told_by(std::string_view text) const {
  const std::string own = told();
  return text.starts_with(own) &&
         (text.size() == own.size() || text.substr(own.size()).starts_with(signed_by));
}

std::string Approval::told() const {
  return "approval " + std::to_string(id) + " by " + actor + " until " + until + ": " + reason;
}

std::int64_t Approvals::give(const Approval& approval, std::span<const ApprovedOperation> operations) {
  Transaction transaction(connection_);
  std::int64_t id = 0;
  {
    const StatementLoan insert = connection_.statement(
        "insert into approval (lanes, plan, given_at, until, actor, reason) "
        "values (?1, ?2, ?3, ?4, ?5, ?6) returning id");
    insert
        ->bind(joined(approval.lanes), approval.plan, approval.given_at, approval.until, approval.actor,
               approval.reason)
        .step();
    id = insert->integer(0);
    insert->reset();
  }
  {
    const StatementLoan insert = connection_.statement(
        "insert or ignore into approved_operation (approval, operation, does) values (?1, ?2, ?3)");
    for (const ApprovedOperation& each : operations) insert->run(id, each.digest, each.does);
  }
  transaction.commit();
  return id;
}

bool Approvals::revoke(std::int64_t id, std::string_view at) {
  Transaction transaction(connection_);
  const auto approval = find(id);
  const bool found = approval && approval->revoked_at.empty();
  if (found) connection_.statement("update approval set revoked_at = ?2 where id = ?1")->run(id, at);
  transaction.commit();
  return found;
}

std::vector<Approval> Approvals::all() {
  std::vector<Approval> found;
  const StatementLoan select = connection_.statement("select " USHER_APPROVAL_COLUMNS " order by id desc");
  while (select->step()) found.push_back(approval_in(*select));
  return found;
}

std::optional<Approval> Approvals::find(std::int64_t id) {
  const StatementLoan select = connection_.statement("select " USHER_APPROVAL_COLUMNS " where id = ?1");
  if (!select->bind(id).step()) return std::nullopt;
  return approval_in(*select);
}

std::vector<ApprovedOperation> Approvals::operations_of(std::int64_t id) {
  std::vector<ApprovedOperation> found;
  const StatementLoan select = connection_.statement(
      "select operation, does, coalesce(done_at, '') from approved_operation where approval = ?1 "
      "order by operation");
  select->bind(id);
  while (select->step())
    found.push_back(
        {std::string(select->text(0)), std::string(select->text(1)), std::string(select->text(2))});
  return found;
}

void Approvals::sign(std::int64_t id, const ApprovalSignature& signature) {
  connection_
      .statement(
          "insert into approval_signature (approval, principal, signature, given_at, actor) "
          "values (?1, ?2, ?3, ?4, ?5)")
      ->run(id, signature.principal, signature.signature, signature.given_at, signature.actor);
}

std::vector<ApprovalSignature> Approvals::signatures_of(std::int64_t id) {
  std::vector<ApprovalSignature> found;
  const StatementLoan select = connection_.statement(
      "select principal, signature, given_at, actor from approval_signature where approval = ?1 order by id");
  select->bind(id);
  while (select->step())
    found.push_back({std::string(select->text(0)), std::string(select->text(1)), std::string(select->text(2)),
                     std::string(select->text(3))});
  return found;
}

void Approvals::mark_done(std::string_view operation, std::string_view at) {
  connection_
      .statement(
          "update approved_operation set done_at = ?2 where operation = ?1 and done_at is null and approval "
          "in "
          "(select id from approval where revoked_at is null and until > ?2)")
      ->run(operation, at);
}

std::multimap<std::string, Approval> Approvals::holding(std::string_view now, bool done_too) {
  std::multimap<std::string, Approval> found;
  const std::vector<Approval> newest_first = all();
  for (auto approval = newest_first.rbegin(); approval != newest_first.rend(); ++approval) {
    if (!approval->holds(now)) continue;
    for (const ApprovedOperation& each : operations_of(approval->id))
      if (done_too || each.done_at.empty()) found.emplace(each.digest, *approval);
  }
  return found;
}

}  // namespace usher
