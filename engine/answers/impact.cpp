#include "engine/answers/impact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <tuple>

#include "engine/answers/impact_causes.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Whom a change or note is about: a person on a platform, or an account that is nobody's.
using Subject = std::tuple<std::string, std::string, std::string>;

Subject subject_of(const std::string& platform, const std::string& person, const std::string& account) {
  return {platform, person, person.empty() ? account : ""};
}

/// What a plan does to one account as a whole.
bool of_the_account(ChangeAct act) {
  return act != ChangeAct::update && act != ChangeAct::rotate && act != ChangeAct::revoke;
}

/// How a sentence about several people ends: when the new rules do it, and when only the old ones did.
struct Phrase {
  ChangeAct act;
  const char* done;
  const char* not_done;
};
constexpr std::array phrases{
    Phrase{ChangeAct::create, "get an account", "get no account any more"},
    Phrase{ChangeAct::recreate, "get a new account in place of theirs", "keep the account they have"},
    Phrase{ChangeAct::enable, "have their account enabled", "do not have their account enabled any more"},
    Phrase{ChangeAct::unlock, "have their account unlocked", "do not have their account unlocked any more"},
    Phrase{ChangeAct::disable, "have their account disabled", "keep their account, which was to be disabled"},
    Phrase{ChangeAct::lock, "have their account locked", "keep their account, which was to be locked"},
    Phrase{ChangeAct::remove, "have their account deleted", "keep their account, which was to be deleted"},
};

const Phrase* phrase_of(const std::string& act) {
  for (const Phrase& phrase : phrases)
    if (act == to_string(phrase.act)) return &phrase;
  return nullptr;
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A membership as a plan leaves it: whether it is there, and with what details.
std::optional<std::string> left_by(const MembershipChange& edge) {
  if (edge.act == MembershipChange::Act::remove) return std::nullopt;
  return dumped(json(edge.after));
}

/// The membership as it is now.
std::optional<std::string> found_by(const MembershipChange& edge) {
  if (edge.act == MembershipChange::Act::add) return std::nullopt;
  return dumped(json(edge.before));
}

/// Compares two plans and attributes what differs to the edits between their rules.
class Comparer {
 public:
  Comparer(const Config& before, const Plan& old_plan, const Config& after, const Plan& new_plan)
      : old_plan_(old_plan),
        new_plan_(new_plan),
        causes_(before, old_plan, after, new_plan),
        places_(
            fmt::format("({}|{})(:[0-9]+)+", pattern(before.file.string()), pattern(after.file.string()))) {}

  Impact run() {
    compare_changes();
    compare_notes();
    compare_links();
    compare_held();
    Impact impact;
    impact.edits = causes_.edits().all();
    collect(impact);
    for (const Objection& objection : new_plan_.objections)
      if (!was_there(objection)) impact.objections.push_back(objection);
    return impact;
  }

 private:
  using Key = ImpactCauses::Cause;
  using Changes = ImpactCauses::Changes;

  static std::string pattern(const std::string& text) {
    static const std::regex special(R"([.^$|()\[\]{}*+?\\])");
    return std::regex_replace(text, special, R"(\$&)");
  }

  /// A message without the places in it, which move when a line is added.
  std::string without_places(const std::string& message) const {
    return std::regex_replace(message, places_, "");
  }

  void add(const Key& cause, const std::string& sentence, bool takes_away, ImpactItem&& item) {
    ImpactGroup& group = found_[cause][{item.platform, sentence}];
    group.platform = item.platform;
    group.sentence = sentence;
    group.takes_away = group.takes_away || takes_away;
    group.items.push_back(std::move(item));
  }

  void compare_changes() {
    std::map<Subject, std::pair<const Change*, const Change*>> all;
    for (const Change& change : old_plan_.changes)
      all[subject_of(change.platform, change.person, change.account)].first = &change;
    for (const Change& change : new_plan_.changes)
      all[subject_of(change.platform, change.person, change.account)].second = &change;
    for (const auto& [subject, pair] : all) compare({pair.first, pair.second});
  }

  void compare(const Changes& changes) {
    const Change& either = changes.either();
    const ImpactItem item{either.platform, either.person, either.account, either.label, "", "", ""};
    const auto act = [](const Change* change) {
      return change != nullptr && of_the_account(change->act) ? to_string(change->act) : "";
    };
    const std::string before = act(changes.before), after = act(changes.after);
    const bool leaver = causes_.leaves_or_returns(changes);
    if (before != after) compare_accounts(changes, item, before, after);
    if (before == after && !leaver) compare_fields(changes, item);
    compare_memberships(changes, item, leaver || before != after);
  }

  void compare_accounts(const Changes& changes, ImpactItem item, const std::string& before,
                        const std::string& after) {
    item.what = "account";
    item.before = before;
    item.after = after;
    const Phrase* now = phrase_of(after);
    const Phrase* then = phrase_of(before);
    const std::string sentence = now != nullptr ? now->done : then->not_done;
    const bool takes = now != nullptr ? takes_account(now->act) : then->act == ChangeAct::create;
    add(causes_.of_account(changes), sentence, takes, std::move(item));
  }

  void compare_fields(const Changes& changes, const ImpactItem& account) {
    const auto& [old_change, new_change] = changes;
    std::map<std::string, std::pair<const FieldChange*, const FieldChange*>> all;
    if (old_change != nullptr)
      for (const FieldChange& field : old_change->fields) all[field.path].first = &field;
    if (new_change != nullptr)
      for (const FieldChange& field : new_change->fields) all[field.path].second = &field;
    for (const auto& [path, pair] : all) {
      const auto& [was, is] = pair;
      ImpactItem item = account;
      item.what = "attribute " + path;
      item.before = dumped(was == nullptr ? is->before : was->after);
      item.after = dumped(is == nullptr ? was->before : is->after);
      if (item.before == item.after) continue;
      add(causes_.of_field(changes, path), "get another " + path, false, std::move(item));
    }
  }

  void compare_memberships(const Changes& changes, const ImpactItem& account, bool with_account) {
    const auto& [old_change, new_change] = changes;
    using Edge = std::pair<std::string, std::string>;
    std::map<Edge, std::pair<const MembershipChange*, const MembershipChange*>> all;
    if (old_change != nullptr)
      for (const MembershipChange& edge : old_change->memberships)
        all[{edge.kind, edge.entitlement}].first = &edge;
    if (new_change != nullptr)
      for (const MembershipChange& edge : new_change->memberships)
        all[{edge.kind, edge.entitlement}].second = &edge;
    for (const auto& [edge, pair] : all) {
      const auto& [was, is] = pair;
      const auto before = was == nullptr ? found_by(*is) : left_by(*was);
      const auto after = is == nullptr ? found_by(*was) : left_by(*is);
      if (before == after) continue;
      const MembershipChange& either = is == nullptr ? *was : *is;
      const std::string& name = either.name.empty() ? either.entitlement : either.name;
      ImpactItem item = account;
      item.what = either.kind + " " + name;
      item.before = before.value_or("");
      item.after = after.value_or("");
      const Key cause = causes_.of_membership(changes, either, with_account, after.has_value());
      const char* verb = !before ? "get" : !after ? "lose" : "get other details in";
      add(cause, fmt::format("{} {}", verb, item.what), !after, std::move(item));
    }
  }

  void compare_notes() {
    using Told = std::tuple<std::string, std::string, std::string, NoteKind, std::string>;
    const auto key = [&](const Note& note) {
      return Told{note.platform, note.person, note.account, note.kind, without_places(note.message)};
    };
    std::set<Told> then, now;
    for (const Note& note : old_plan_.notes) then.insert(key(note));
    for (const Note& note : new_plan_.notes) now.insert(key(note));
    for (const Note& note : new_plan_.notes)
      if (!then.contains(key(note))) add_note(note, true);
    for (const Note& note : old_plan_.notes)
      if (!now.contains(key(note))) add_note(note, false);
  }

  void add_note(const Note& note, bool is_new) {
    ImpactItem item{
        note.platform, note.person, note.account, "", fmt::format("note {}", to_string(note.kind)), "", ""};
    (is_new ? item.after : item.before) = note.message;
    const bool alone = note.person.empty() && note.account.empty();
    const std::string about = alone && !note.group.empty() ? note.group + ": " : "";
    const std::string sentence = fmt::format("{} ({}): {}{}", is_new ? "have a note" : "have a note no more",
                                             to_string(note.kind), about, note.why());
    add(causes_.of_note(note), sentence, false, std::move(item));
  }

  void compare_links() {
    std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> all;
    for (const NewLink& link : old_plan_.links) all[{link.platform, link.person}].first = link.account;
    for (const NewLink& link : new_plan_.links) all[{link.platform, link.person}].second = link.account;
    for (const auto& [subject, pair] : all) {
      if (pair.first == pair.second) continue;
      ImpactItem item{
          subject.first, subject.second, pair.second.empty() ? pair.first : pair.second, "", "link",
          pair.first,    pair.second};
      const char* sentence = pair.second.empty()  ? "are not found to have an account any more"
                             : pair.first.empty() ? "are found to have an account that exists"
                                                  : "are found to have another account";
      add(causes_.of_link(item.platform), sentence, false, std::move(item));
    }
  }

  void compare_held() {
    std::map<std::string, const Operation*> then;
    for (const Operation& operation : old_plan_.operations) then[operation.id] = &operation;
    for (const Operation& operation : new_plan_.operations) {
      const auto found = then.find(operation.id);
      const Operation* old = found == then.end() ? nullptr : found->second;
      const bool was_held = old != nullptr && old->held;
      if (operation.held && !was_held) add_held(operation, true, old == nullptr);
      if (!operation.held && was_held) add_held(*old, false, false);
    }
  }

  /// operation: as the plan has it that holds it. is_new: only the new rules want it.
  void add_held(const Operation& operation, bool is_held, bool is_new) {
    std::string lanes;
    for (const std::string& lane : operation.held_by) lanes += (lanes.empty() ? "" : ", ") + lane;
    const Key cause = causes_.of_guards(operation);
    // What is new and held by a guard that was not edited is told with the guards.
    if (is_new && cause.edits.empty()) return;
    const std::string sentence = is_held ? fmt::format("have a change held by {}", lanes)
                                         : fmt::format("have a change done that {} held", lanes);
    if (!held_.emplace(subject_of(operation.platform, operation.person, operation.account), sentence).second)
      return;  // of somebody several operations
    add(cause, sentence, false,
        {operation.platform, operation.person, operation.account, operation.label, "guard " + lanes,
         is_held ? "" : "held", is_held ? "held" : ""});
  }

  bool was_there(const Objection& objection) const {
    return std::any_of(old_plan_.objections.begin(), old_plan_.objections.end(), [&](const Objection& old) {
      return old.platform == objection.platform && old.guard == objection.guard &&
             without_places(old.message) == without_places(objection.message);
    });
  }

  void collect(Impact& impact) {
    std::set<std::string> people;
    for (auto& [key, groups] : found_) {
      ImpactCause cause{key.edits, {}, key.rule, {}};
      cause.place =
          key.edits.empty() ? causes_.edits().place_of(key.rule) : impact.edits[key.edits.front()].place;
      for (auto& [name, group] : groups) {
        for (const ImpactItem& item : group.items) {
          const bool whole = item.person.empty() && item.account.empty();
          if (!whole) people.insert(item.person.empty() ? item.platform + " " + item.account : item.person);
        }
        impact.items += group.items.size();
        std::stable_sort(group.items.begin(), group.items.end(), [](const auto& a, const auto& b) {
          return std::tie(a.person, a.account) < std::tie(b.person, b.account);
        });
        cause.groups.push_back(std::move(group));
      }
      std::stable_sort(cause.groups.begin(), cause.groups.end(), [](const auto& a, const auto& b) {
        return std::pair(!a.takes_away, b.items.size()) < std::pair(!b.takes_away, a.items.size());
      });
      impact.causes.push_back(std::move(cause));
    }
    std::stable_sort(impact.causes.begin(), impact.causes.end(), [](const auto& a, const auto& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    });
    impact.people = people.size();
    for (std::size_t i = 0; i < impact.edits.size(); ++i)
      if (causes_.is_idle(i)) impact.idle.push_back(i);
  }

  const Plan& old_plan_;
  const Plan& new_plan_;
  ImpactCauses causes_;
  const std::regex places_;
  std::set<std::pair<Subject, std::string>> held_;  // told of whom already
  std::map<Key, std::map<std::pair<std::string, std::string>, ImpactGroup>> found_;
};

}  // namespace

Impact impact_of(const Config& before, const Plan& old_plan, const Config& after, const Plan& new_plan) {
  return Comparer(before, old_plan, after, new_plan).run();
}

}  // namespace usher
