#include "engine/plan/past_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/plan/plan_filter.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/model/normalise.hpp"
#include "state/model/predecessors.hpp"
#include "state/model/same_part.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/owed_takings.hpp"
#include "state/store/refusals.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

using nlohmann::json;

constexpr std::int64_t day = 86'400;

/// Two texts as they are when they look alike and are not: everything beyond ASCII as its number.
std::string shown(const json& value, const json& beside) {
  constexpr Normalisation alike{.trim = true, .lower = false, .nfc = true};
  const bool same_look =
      value.is_string() && beside.is_string() &&
      normalised(value.get<std::string>(), alike) == normalised(beside.get<std::string>(), alike);
  return value.dump(-1, ' ', same_look, json::error_handler_t::replace);
}

/// What an account shows in place of what an operation wrote.
std::string shown_instead(const Operation& operation, const Account& account) {
  switch (operation.kind) {
    case OperationKind::update: {
      const json held = json::parse(account.attributes);
      std::string text;
      for (const auto& [path, value] : operation.after.items()) {
        const json& now = at_path(held, path);
        if (now == value) continue;
        text += fmt::format("{}{} was written as {} and reads {}", text.empty() ? "" : ", ", path,
                            shown(value, now), shown(now, value));
      }
      return text;
    }
    case OperationKind::enable:
      return "the account is still disabled";
    case OperationKind::disable:
      return "the account is still enabled";
    case OperationKind::remove:
      return "the account is still there";
    case OperationKind::add_membership:
      return "the account is not in it";
    case OperationKind::change_membership:
      return "the membership has other details";
    case OperationKind::remove_membership:
      return "the account is still in it: it may come from somewhere else, such as a group within the group";
    default:
      return "the account does not show it";
  }
}

class PastOutcomes {
 public:
  PastOutcomes(Plan& plan, Database& database, const PlanningInput& input)
      : plan_(plan),
        database_(database),
        snapshots_(database.connection()),
        now_(input.now.seconds),
        refusals_(Refusals(database.connection()).all(text_of(now_ - day))) {
    for (const Target& target : input.targets) targets_[target.name] = &target;
  }

  void run() {
    add_owed_takings();
    dropped_.resize(plan_.operations.size());
    forget_what_is_not_planned();
    find_what_goes_free();
    for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      if (operation.kind == OperationKind::rotate || operation.kind == OperationKind::revoke) continue;
      std::string why = why_refused(operation);
      const bool refused = !why.empty();
      if (!refused) why = why_not_held(operation);
      if (why.empty()) continue;
      dropped_[i] = true;
      plan_.notes.push_back({operation.platform, operation.person, operation.account,
                             refused ? NoteKind::refused : NoteKind::not_held, std::move(why)});
    }
    if (std::find(dropped_.begin(), dropped_.end(), true) == dropped_.end()) return;
    drop_what_needs_them();
    take_out(plan_, dropped_);
  }

 private:
  const Target& target(const Operation& operation) const { return *targets_.at(operation.platform); }

  std::optional<StoredAccount> stored(const Operation& operation) {
    if (operation.account.empty()) return std::nullopt;
    return snapshots_.find(target(operation).platform, database_.fingerprints().of_id(operation.account));
  }

  /// What a leaver should have lost and no pull shows: it is planned until it is taken, or the person is
  /// back.
  void add_owed_takings() {
    std::set<std::string> planned;
    for (const Operation& operation : plan_.operations) planned.insert(operation.id);
    for (Operation& owed : OwedTakings(database_.connection()).all()) {
      if (planned.count(owed.id) > 0 || targets_.count(owed.platform) == 0) continue;
      if (!stored(owed) || is_wanted(owed)) {
        OwedTakings(database_.connection()).forget(owed.id);
        continue;
      }
      Change change;
      change.platform = owed.platform;
      change.person = owed.person;
      change.account = owed.account;
      change.label = owed.label;
      change.situation = Situation::unqualified;
      change.act = act_of(owed.kind);
      change.because = "was refused when everything was to be taken";
      change.fields.push_back({"credentials." + owed.route, "all", nullptr, "leaving"});
      owed.change = plan_.changes.size();
      owed.held = false;
      plan_.changes.push_back(std::move(change));
      plan_.operations.push_back(std::move(owed));
    }
  }

  bool is_wanted(const Operation& operation) {
    if (OffboardedPeople(database_.connection()).find(operation.person, text_of(now_))) return false;
    const PlatformId platform = target(operation).platform;
    Wanted wanted(database_.connection());
    auto row = wanted.find(platform, database_.fingerprints().of_id(operation.account));
    if (!row) row = wanted.find(platform, database_.fingerprints().of_person(operation.person));
    return row && row->state == WantedState::present;
  }

  /// A difference that went away by itself and came back is a new one.
  void forget_what_is_not_planned() {
    if (refusals_.empty()) return;
    std::set<std::string> planned, unread;
    for (const Operation& operation : plan_.operations) planned.insert(operation.id);
    for (const Note& note : plan_.notes) {
      if (note.kind == NoteKind::not_read) unread.insert(note.platform);
    }
    for (const auto& [operation, refusal] : refusals_) {
      if (planned.count(operation) == 0 && unread.count(refusal.platform) == 0)
        Refusals(database_.connection()).forget(operation);
    }
  }

  /// Texts that accounts gave up since a refusal, or give up in this plan: what stood in the way may be gone.
  void find_what_goes_free() {
    if (refusals_.empty()) return;
    std::map<std::string, std::uint64_t> oldest;
    for (const auto& [operation, refusal] : refusals_) {
      const auto [found, fresh] = oldest.try_emplace(refusal.platform, refusal.generation);
      if (!fresh) found->second = std::min(found->second, refusal.generation);
    }
    for (const auto& [platform, generation] : oldest) {
      const auto known = targets_.find(platform);
      if (known == targets_.end()) continue;
      std::set<std::string>& free = free_[platform];
      const StatementLoan select =
          database_.connection().statement("select attributes from body where platform = ?1 and died > ?2");
      select->bind(number(known->second->platform), generation);
      while (select->step()) add_texts(json::parse(select->text(0)), free);
    }
    for (const Operation& operation : plan_.operations) {
      if (operation.kind == OperationKind::update || operation.kind == OperationKind::remove)
        for (const auto& [path, value] : operation.before.items())
          add_texts(value, free_[operation.platform]);
    }
  }

  static void add_texts(const json& value, std::set<std::string>& texts) {
    if (value.is_string()) texts.insert(value.get<std::string>());
    if (value.is_structured())
      for (const json& member : value) add_texts(member, texts);
  }

  std::string why_refused(const Operation& operation) {
    const auto found = refusals_.find(operation.id);
    if (found == refusals_.end()) return {};
    const auto account = stored(operation);
    if (found->second.account && (!account || account->digest != *found->second.account)) return {};
    std::set<std::string> wants;
    add_texts(operation.after, wants);
    const std::set<std::string>& free = free_[operation.platform];
    const bool in_the_way_no_more = std::any_of(wants.begin(), wants.end(), [&](const std::string& text) {
      return free.count(text) > 0 && !had(operation, text);
    });
    if (in_the_way_no_more) return {};
    return fmt::format(
        "{} was refused: {}; it is not sent again before the record, the rules or the account "
        "change, or {}",
        to_string(operation.kind), found->second.message, text_of(seconds_of(found->second.at) + day));
  }

  static bool had(const Operation& operation, const std::string& text) {
    std::set<std::string> texts;
    add_texts(operation.before, texts);
    return texts.count(text) > 0;
  }

  /// What the same operation is called in the plan that makes the account, whose id is not known yet.
  static std::string id_beside_the_create(Operation operation) {
    operation.account.clear();
    return identity_of(operation);
  }

  struct Done {
    std::string first, second;  // when it was done the last two times
  };
  std::optional<Done> done_twice(const Operation& operation) {
    const StatementLoan select = database_.connection().statement(
        "select ended_at from journal where platform = ?1 and account = ?2 and operation in (?3, ?4) and "
        "state = 'done' order by run desc limit 2");
    const std::string beside_the_create = id_beside_the_create(operation);
    select->bind(operation.platform, operation.account, operation.id, beside_the_create);
    if (!select->step()) return std::nullopt;
    Done done;
    done.second = select->text(0);
    if (!select->step()) return std::nullopt;
    done.first = select->text(0);
    return done;
  }

  /// Whether usher itself did something else to the same thing since then.
  bool was_taken_back(const Operation& operation, const std::string& since) {
    const StatementLoan select = database_.connection().statement(
        "select detail from journal where platform = ?1 and account = ?2 and operation not in (?3, ?5) and "
        "state = 'done' and ended_at > ?4");
    const std::string beside_the_create = id_beside_the_create(operation);
    select->bind(operation.platform, operation.account, operation.id, since, beside_the_create);
    while (select->step()) {
      if (about_the_same(operation, operation_from_json(json::parse(select->text(0))))) return true;
    }
    return false;
  }

  /// Whether a complete pull began between two instants.
  bool pulled_between(const Operation& operation, const std::string& from, const std::string& to) {
    const StatementLoan select = database_.connection().statement(
        "select 1 from snapshot where platform = ?1 and sealed = 1 and started_at >= ?2 and started_at <= ?3 "
        "limit 1");
    return select->bind(number(target(operation).platform), from, to).step();
  }

  /// Whether a version of the account that was read since then showed the effect.
  bool held_since(const Operation& operation, const std::string& then) {
    const PlatformId platform = target(operation).platform;
    Statement select = database_.connection().prepare(
        "select row from body join snapshot on snapshot.platform = body.platform and generation = born "
        "where body.platform = ?1 and key = ?2 and died is not null and started_at >= ?3");
    select.bind(number(platform), database_.fingerprints().of_id(operation.account), then);
    while (select.step()) {
      const auto version = snapshots_.at(select.integer(0));
      if (version && took_effect(operation, version->account, capabilities(operation))) return true;
    }
    return false;
  }

  const Capabilities& capabilities(const Operation& operation) const {
    return target(operation).program->capabilities();
  }

  std::string why_not_held(const Operation& operation) {
    if (operation.account.empty() || !shows_effect(operation, capabilities(operation))) return {};
    const auto done = done_twice(operation);
    if (!done) return {};
    const PlatformState state = snapshots_.platform(target(operation).platform);
    if (!state.sealed || state.started_at < done->second) return {};
    if (!pulled_between(operation, done->first, done->second)) return {};
    if (was_taken_back(operation, done->first)) return {};
    if (takes_away(operation.kind) && now_ - seconds_of(done->second) >= day) return {};
    const auto account = stored(operation);
    if (!account || held_since(operation, done->first)) return {};
    const std::string& entitlement = operation.membership.entitlement;
    return fmt::format("{}{} was said to be done twice and is not: {}; it is not done again{}",
                       to_string(operation.kind), entitlement.empty() ? "" : " " + entitlement,
                       shown_instead(operation, account->account),
                       takes_away(operation.kind) ? " for a day" : "");
  }

  void drop_what_needs_them() {
    for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      for (std::size_t before = i; before-- > 0 && plan_.operations[before].change == operation.change;) {
        if (dropped_[before] && needs(operation, plan_.operations[before], capabilities(operation)))
          dropped_[i] = true;
      }
      if (dropped_[i] || operation.kind != OperationKind::remove) continue;
      // An account is not deleted for one that cannot be made.
      for (std::size_t after = i + 1;
           after < plan_.operations.size() && plan_.operations[after].change == operation.change; ++after) {
        if (dropped_[after] && plan_.operations[after].kind == OperationKind::create) dropped_[i] = true;
      }
    }
  }

  Plan& plan_;
  Database& database_;
  Snapshots snapshots_;
  const std::int64_t now_;
  std::map<std::string, const Target*> targets_;
  const std::map<std::string, Refusal> refusals_;
  std::map<std::string, std::set<std::string>> free_;
  std::vector<bool> dropped_;
};

}  // namespace

void heed_past_outcomes(Plan& plan, Database& database, const PlanningInput& input) {
  PastOutcomes(plan, database, input).run();
  put_in_order(plan);
}

}  // namespace usher
