#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "state/model/guard_kind.hpp"
#include "state/model/link_origin.hpp"
#include "state/model/note.hpp"
#include "state/model/operation.hpp"
#include "state/model/request_cost.hpp"
#include "state/model/why_left.hpp"

namespace usher {

/// How one person and one account stand to each other.
enum class Situation : std::uint8_t { matched, missing, orphan, ambiguous, claimed, ignored, unqualified };
const char* to_string(Situation situation);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
Situation situation(std::string_view name);

/// The strongest thing that happens to one account.
enum class ChangeAct : std::uint8_t {
  create,
  recreate,  ///< deleted and made anew
  update,
  enable,
  unlock,
  disable,
  lock,
  remove,  ///< "delete"
  rotate,
  revoke,
};
const char* to_string(ChangeAct act);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
ChangeAct change_act(std::string_view name);
/// The act of a change whose strongest operation is of this kind.
ChangeAct act_of(OperationKind kind);
/// The account can no longer be used as it was: disabled, locked, deleted or recreated.
bool takes_account(ChangeAct act);

/// One attribute's before and after.
struct FieldChange {
  std::string path;
  nlohmann::json before;  ///< null: absent
  nlohmann::json after;   ///< null: emptied
  std::string rule = {};  ///< what wants it so: the expression and its place
};

/// One membership's before and after.
struct MembershipChange {
  std::string kind;
  std::string entitlement;  ///< id
  std::string name;
  enum class Act : std::uint8_t { add, change, remove } act = Act::add;
  std::vector<std::string> before, after;  ///< details
  std::string because;                     ///< the rule, or that no rule gives it
};

/// How one account differs from what is wanted, and because of what.
struct Change {
  std::string platform;
  std::string person;
  std::string account;  ///< empty: to be created
  std::string label;
  Situation situation = Situation::matched;
  ChangeAct act = ChangeAct::update;
  std::string because;  ///< one sentence a person at 3 a.m. understands
  std::vector<FieldChange> fields;
  std::vector<MembershipChange> memberships;
  std::optional<WhyLeft> left = {};  ///< of a leaver; not in the plan as it is kept
};

/// A guard that judged the plan: what it allows, what the plan wants, whether it holds the lane.
struct Objection {
  std::string platform;
  GuardKind guard = GuardKind::removals;
  std::uint64_t wanted = 0;
  std::uint64_t allowed = 0;
  std::uint64_t population = 0;
  std::string message;
  std::vector<std::string> also = {};  ///< lanes that are held for the same changes and told with this one
};
/// "iot.removals": a platform and a guard there; "people.vanished-records" for the guards of people.
std::string lane_of(const std::string& platform, GuardKind guard);
std::string lane_of(const Objection& objection);
/// Whether the objection tells of this lane.
bool is_of_lane(const Objection& objection, const std::string& lane);

/// How far a plan uses a guard that limits something.
struct GuardUse {
  std::string platform;  ///< of a guard of people: the sources
  GuardKind guard = GuardKind::removals;
  std::uint64_t used = 0;  ///< without what approvals admit, where it would trip with that
  std::uint64_t allowed = 0;
  std::uint64_t population = 0;
};

/// The proof a plan rests on for one platform.
struct Seal {
  std::string platform;
  std::uint64_t generation = 0;
  bool sealed = false;
  std::string why_not;  ///< empty when sealed
  std::uint64_t accounts = 0;
  std::string taken_at;      ///< RFC 3339, when the pull began
  std::uint64_t writes = 0;  ///< how many operations usher had sent there when it was pulled
};

/// A person and an account found to be the same; recorded when the plan is applied.
struct NewLink {
  std::string platform;
  std::string person;
  std::string account;
  LinkOrigin how;
  std::string from = {};  ///< the key the person had before, under which the account was theirs; empty: none
};

/// Under which name Plan::situations counts the linked accounts that a platform does not show any more.
inline constexpr const char* vanished_accounts = "vanished";
/// The format of plans this program makes. Those of format 1 can be shown; nothing ties them to a state.
inline constexpr int plan_format = 2;

/// Ordered operations, what they rest on, and everything that was decided not to do. Same inputs, same bytes.
struct Plan {
  int format = plan_format;
  std::string state;    ///< identity of the state it was made from, and the only one it is for
  std::string program;  ///< usher's version
  std::string rules;    ///< digest of the configuration that made it
  std::string now;      ///< RFC 3339: the `now` of expressions, taken from the snapshots
  std::vector<std::string>
      only;                 ///< it says of nobody else what it would: keys as they were asked for, sorted
  std::int64_t undoes = 0;  ///< the run that it puts back; 0: it is no undo
  std::string hold_until;   ///< RFC 3339: until then no sync does again what it undoes; empty: the next may
  std::vector<Seal> seals;
  std::vector<Change> changes;
  std::vector<Operation> operations;
  std::vector<NewLink> links;
  std::vector<NewLink> unlinks = {};  ///< made by the run that this plan undoes; they end when it is applied
  std::vector<Objection> objections;
  std::vector<Note> notes;
  std::map<std::string, RequestCost> costs = {};  ///< by platform: of what is not held
  std::map<std::string, std::map<std::string, std::uint64_t>> situations;  ///< platform -> situation -> count
  std::string digest;  ///< of everything above, digest_of(); empty until the plan is complete
  /// Those that count anything; for pictures, and not in the plan as it is kept: nullopt in one that was read
  /// back, and where nobody asked for it.
  std::optional<std::vector<GuardUse>> guards = {};
};

/// How many operations guards hold.
std::uint64_t held_operations(const Plan& plan);

}  // namespace usher
