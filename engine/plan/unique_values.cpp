#include "engine/plan/unique_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "engine/plan/value_holders.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

/// One operation writes one unique value. A plan may hold millions.
struct Write {
  enum class End : std::uint8_t { open, on_the_way, can, several, kept, circle };

  UniqueValue value;
  Fingerprint keeper;              // the account that has the value now
  std::uint32_t operation = 0;     // index in the plan
  std::uint32_t waits_for = none;  // the operation by which the keeper gives it up
  std::uint32_t after = none;      // the write of that operation, where it writes another value instead
  End end = End::open;
};

/// An operation by which an account gives up a value.
struct Giver {
  Fingerprint account;
  std::uint32_t path = none;  // none: all of them
  std::uint32_t operation = 0;
  std::uint32_t write = none;  // none: it only gives up

  friend bool operator<(const Giver& a, const Giver& b) {
    return std::tie(a.account, a.path) < std::tie(b.account, b.path);
  }
};

class UniqueValues {
 public:
  UniqueValues(Plan& plan, Database& database, const Target& target, const std::vector<Claim>& claims)
      : plan_(plan),
        database_(database),
        target_(target),
        claims_(claims),
        paths_(unique_attributes(target.program->capabilities())) {}

  void run() {
    find_writes();
    if (writes_.empty()) return;
    find_givers();
    find_holders();
    refuse_several();
    for (std::uint32_t i = 0; i < writes_.size(); ++i) follow(i);
    bool all_can = true;
    for (const Write& write : writes_) {
      if (write.end == Write::End::can) continue;
      take_out(write);
      all_can = false;
    }
    let_wait();
    if (!all_can) tidy();
  }

 private:
  Operation& operation_of(const Write& write) { return plan_.operations[write.operation]; }
  Fingerprint key_of(const std::string& account) const { return database_.fingerprints().of_id(account); }

  void find_writes() {
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      const bool writes = operation.kind == OperationKind::update || operation.kind == OperationKind::create;
      if (operation.platform != target_.name || !writes) continue;
      for (std::uint32_t path = 0; path < paths_.size(); ++path) {
        const auto after = operation.after.find(paths_[path]);
        if (after == operation.after.end() || !after->is_string()) continue;
        Write write;
        write.value = {path, compared(database_, target_, paths_[path], after->get<std::string>())};
        write.operation = i;
        writes_.push_back(write);
      }
    }
  }

  void find_givers() {
    for (std::uint32_t i = 0; i < writes_.size(); ++i) {
      const Operation& operation = operation_of(writes_[i]);
      if (operation.kind == OperationKind::update)
        givers_.push_back({key_of(operation.account), writes_[i].value.path, writes_[i].operation, i});
    }
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      if (operation.platform != target_.name) continue;
      if (operation.kind == OperationKind::remove)
        givers_.push_back({key_of(operation.account), none, i, none});
      if (operation.kind != OperationKind::update) continue;
      for (std::uint32_t path = 0; path < paths_.size(); ++path) {
        const auto after = operation.after.find(paths_[path]);
        if (after != operation.after.end() && after->is_null())
          givers_.push_back({key_of(operation.account), path, i, none});
      }
    }
    std::stable_sort(givers_.begin(), givers_.end());
  }

  /// Matching looked for new accounts by their natural key already; for all else somebody has to.
  void find_holders() {
    const std::string& natural = target_.program->capabilities().natural_key;
    std::vector<UniqueValue> sought;
    for (const Write& write : writes_) {
      const Operation& operation = operation_of(write);
      const bool made_anew = !plan_.changes[operation.change].account.empty();
      if (made_anew || operation.kind == OperationKind::update || paths_[write.value.path] != natural)
        sought.push_back(write.value);
    }
    const std::vector<ValueHolder> holders = holders_of(database_, target_, paths_, std::move(sought));
    for (Write& write : writes_) {
      auto holder = std::lower_bound(holders.begin(), holders.end(), ValueHolder{write.value, {}});
      for (; holder != holders.end() && holder->value == write.value; ++holder) keep(write, holder->account);
      if (claims_.empty() || operation_of(write).kind != OperationKind::create) continue;
      const auto claim =
          std::lower_bound(claims_.begin(), claims_.end(), operation_of(write).person,
                           [](const Claim& a, const std::string& person) { return a.person < person; });
      const bool theirs = claim != claims_.end() && claim->person == operation_of(write).person;
      if (theirs && claim->path == paths_[write.value.path]) keep(write, claim->account);
    }
  }

  /// Notes that an account has the value, and how it gives it up.
  void keep(Write& write, const Fingerprint& account) {
    const Operation& operation = operation_of(write);
    const std::string& own =
        plan_.changes[operation.change].account;  // to be deleted, where one is made anew
    if (!own.empty() && account == key_of(own)) return;
    if (write.keeper == account) return;
    if (write.end == Write::End::kept || write.waits_for != none) {
      write.end = Write::End::kept;  // several have it
      return;
    }
    write.keeper = account;
    const Giver* giver = giver_of(account, write.value.path);
    if (giver == nullptr || (giver->write != none && writes_[giver->write].value == write.value)) {
      write.end = Write::End::kept;
      return;
    }
    write.waits_for = giver->operation;
    write.after = giver->write;
  }

  const Giver* giver_of(const Fingerprint& account, std::uint32_t path) const {
    for (const std::uint32_t what : {path, none}) {
      const auto giver = std::lower_bound(givers_.begin(), givers_.end(), Giver{account, what, 0, none});
      if (giver != givers_.end() && giver->account == account && giver->path == what) return &*giver;
    }
    return nullptr;
  }

  void refuse_several() {
    by_value_.resize(writes_.size());
    for (std::uint32_t i = 0; i < by_value_.size(); ++i) by_value_[i] = i;
    std::stable_sort(by_value_.begin(), by_value_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return writes_[a].value < writes_[b].value; });
    for (std::size_t i = 1; i < by_value_.size(); ++i) {
      Write &write = writes_[by_value_[i]], &before = writes_[by_value_[i - 1]];
      if (write.value == before.value) write.end = before.end = Write::End::several;
    }
  }

  /// Follows from one write to those it waits for until it is known whether it can be, and so can they.
  void follow(std::uint32_t start) {
    std::vector<std::uint32_t> way;
    std::uint32_t here = start;
    for (; here != none && writes_[here].end == Write::End::open; here = writes_[here].after) {
      writes_[here].end = Write::End::on_the_way;
      way.push_back(here);
    }
    if (here != none && writes_[here].end == Write::End::on_the_way) {
      std::uint32_t step = here;
      do {
        writes_[step].end = Write::End::circle;
        step = writes_[step].after;
      } while (step != here);
    }
    for (auto step = way.rbegin(); step != way.rend(); ++step) {
      Write& write = writes_[*step];
      if (write.end != Write::End::on_the_way) continue;
      const bool can = write.after == none || writes_[write.after].end == Write::End::can;
      write.end = can ? Write::End::can : Write::End::kept;
    }
  }

  void take_out(const Write& write) {
    Operation& operation = operation_of(write);
    const std::string& path = paths_[write.value.path];
    plan_.notes.push_back(note_of(write, operation, path));
    if (operation.kind == OperationKind::create) {
      without_.insert(operation.change);
      return;
    }
    std::erase_if(plan_.changes[operation.change].fields,
                  [&](const FieldChange& field) { return field.path == path; });
    operation.before.erase(path);
    operation.after.erase(path);
    operation.id = identity_of(operation);
  }

  Note note_of(const Write& write, const Operation& operation, const std::string& path) {
    const Change& change = plan_.changes[operation.change];
    Note note{change.platform, change.person, change.account, NoteKind::claimed, ""};
    const std::string wanted = fmt::format("{} should be {}", path, operation.after.at(path).dump());
    if (write.end == Write::End::several) {
      note.kind = NoteKind::ambiguous;
      note.message = fmt::format("{}, and so should that of {}: no two accounts of {} can have the same",
                                 wanted, others(write), target_.name);
    } else if (write.end == Write::End::circle) {
      note.kind = NoteKind::exchange;
      note.message = fmt::format(
          "{} is {} and should be {}, which another account gives up only for something in this "
          "circle: give one of them another {} on the platform, then the next run can",
          path, operation.before.at(path).dump(), operation.after.at(path).dump(), path);
    } else {
      note.kind = NoteKind::claimed;
      const auto keeper = Snapshots(database_.connection()).find(target_.platform, write.keeper);
      if (note.account.empty() && keeper) note.account = keeper->account.id;
      note.message = fmt::format("{}, which {}", wanted, keeper ? kept_by(keeper->account) : "is not free");
    }
    if (operation.kind == OperationKind::create)
      note.message += change.account.empty() ? "; no account is made" : "; the account stays as it is";
    return note;
  }

  /// The first three of the others who are to have the same.
  std::string others(const Write& write) {
    const auto [first, last] = std::equal_range(
        by_value_.begin(), by_value_.end(), std::uint32_t(&write - writes_.data()),
        [&](std::uint32_t a, std::uint32_t b) { return writes_[a].value < writes_[b].value; });
    constexpr std::ptrdiff_t shown = 3;
    std::vector<std::string> names;
    for (auto other = first; other != last && other - first <= shown; ++other) {
      if (&writes_[*other] == &write || std::ssize(names) == shown) continue;
      const Change& change = plan_.changes[operation_of(writes_[*other]).change];
      names.push_back(change.person.empty() ? change.label : change.person);
    }
    std::sort(names.begin(), names.end());
    const std::ptrdiff_t more = last - first - 1 - std::ssize(names);
    return fmt::format("{}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
  }

  /// "the account 7f3a of E2, who is not active, has: …", with what can be done.
  std::string kept_by(const Account& account) {
    const std::string text = (account.active ? "the account " : "the disabled account ") + account.id;
    const auto link = Links(database_.connection()).of_account(target_.platform, key_of(account.id));
    if (!link) {
      return fmt::format(
          "{} has, which is nobody's who is declared: free it on {}, or say whose it is with "
          "'usher link'",
          text, target_.name);
    }
    const auto person = People(database_.connection()).find(database_.fingerprints().of_person(link->person));
    if (person && person->active)
      return fmt::format("{} of {} has: one of the two needs another", text, link->person);
    return fmt::format("{} of {} has, who {}: give it another on {}, or delete it there", text, link->person,
                       person ? "is not active" : "is no longer declared", target_.name);
  }

  /// Whoever takes what another gives up comes after them.
  void let_wait() {
    for (const Write& write : writes_) {
      if (write.end == Write::End::can && write.waits_for != none)
        operation_of(write).waits_for.push_back(plan_.operations[write.waits_for].id);
    }
  }

  /// Drops operations that write nothing any more, accounts that are not made, and changes without an
  /// operation.
  void tidy() {
    std::erase_if(plan_.operations, [&](const Operation& operation) {
      const bool empty = operation.kind == OperationKind::update && operation.after.empty();
      return empty || without_.contains(operation.change);
    });
    std::vector<std::size_t> place(plan_.changes.size(), 0);
    for (const Operation& operation : plan_.operations) place[operation.change] = 1;
    std::vector<Change> kept;
    kept.reserve(plan_.changes.size());
    for (std::size_t i = 0; i < place.size(); ++i) {
      if (place[i] == 0) continue;
      place[i] = kept.size();
      kept.push_back(std::move(plan_.changes[i]));
    }
    for (Operation& operation : plan_.operations) operation.change = place[operation.change];
    plan_.changes = std::move(kept);
  }

  Plan& plan_;
  Database& database_;
  const Target& target_;
  const std::vector<Claim>& claims_;
  const std::vector<std::string> paths_;
  std::vector<Write> writes_;
  std::vector<std::uint32_t> by_value_;  // numbers of writes
  std::vector<Giver> givers_;
  std::set<std::size_t> without_;  // changes that are not made at all
};

}  // namespace

bool is_claim(const Database& database, const Target& target, const std::string& content,
              const Correlation& match) {
  if (match.kind != Correlation::Kind::claimed || content.empty()) return false;
  const auto paths = unique_attributes(target.program->capabilities());
  if (std::find(paths.begin(), paths.end(), match.path) == paths.end()) return false;
  const auto set = nlohmann::json::parse(content).at("set");
  const auto value = set.find(match.path);
  return value != set.end() && value->is_string() &&
         compared(database, target, match.path, value->get<std::string>()) ==
             compared(database, target, match.path, match.value);
}

std::vector<std::string> unique_attributes(const Capabilities& capabilities) {
  std::vector<std::string> paths;
  for (const Attribute& attribute : capabilities.schema.attributes) {
    if (attribute.unique || attribute.path == capabilities.natural_key) paths.push_back(attribute.path);
  }
  return paths;
}

void settle_unique_values(Plan& plan, Database& database, const Target& target,
                          const std::vector<Claim>& claims) {
  UniqueValues(plan, database, target, claims).run();
}

}  // namespace usher
