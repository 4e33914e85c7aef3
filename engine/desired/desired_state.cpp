#include "engine/desired/desired_state.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>

#include "engine/desired/people_difference.hpp"
#include "engine/desired/person_deriver.hpp"
#include "engine/desired/record_owners.hpp"
#include "engine/desired/reevaluation.hpp"
#include "engine/desired/sort_by_key.hpp"
#include "engine/desired/unique_allocation.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t slices_per_source = 32;

std::string shared(const std::string& key) {
  return fmt::format("several records have the key '{}'", key);
}

class DesiredStateBuilder {
 public:
  DesiredStateBuilder(Database& database, const PlanningInput& input, Progress& progress)
      : database_(database), input_(input), progress_(progress), snapshots_(database.connection()) {}

  bool is_current() { return database_.fact("desired") == state_now(); }

  DesiredStateSummary run() {
    const std::string state = state_now();
    const auto before = database_.fact("desired");
    const std::vector<PersonRow> again = due_again(database_, input_);
    const bool back = clock_went_back(database_, input_);
    if (before != state || back || !again.empty()) {
      rules_changed_ = !before || rules_of(*before) != input_.rules_digest || back;
      if (rules_changed_ || !evaluate_changed(generations_of(*before), again)) evaluate_all();
      gather_people();
      choose();
      publish(state);
    }
    return {evaluated_};
  }

 private:
  using Generations = std::vector<std::uint64_t>;

  /// What the tables are made from: "<rules digest> <source>=<generation> …".
  std::string state_now() {
    std::string text = input_.rules_digest;
    for (const Source& source : input_.sources) {
      text += fmt::format(" {}={}", source.name, snapshots_.platform(source.platform).generation);
    }
    return text;
  }

  static std::string rules_of(const std::string& state) { return state.substr(0, state.find(' ')); }

  Generations generations_of(const std::string& state) const {
    Generations generations;
    for (const Source& source : input_.sources) {
      const std::string mark = " " + source.name + "=";
      const std::size_t place = state.find(mark);
      generations.push_back(place == std::string::npos ? 0 : std::stoull(state.substr(place + mark.size())));
    }
    return generations;
  }

  void evaluate_all() {
    full_ = true;
    evaluated_ = 0;
    for (const Target& target : input_.targets) links_.emplace_back(database_, target.platform);
    std::vector<std::pair<std::size_t, RowSlice>> work;
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      for (const RowSlice& slice : snapshots_.row_slices(input_.sources[i].platform, slices_per_source)) {
        work.emplace_back(i, slice);
      }
    }
    evaluate(work);
    name_records();
  }

  /// False when everybody has to be: history does not reach back to what was evaluated last, or keys moved.
  bool evaluate_changed(const Generations& since, const std::vector<PersonRow>& again) {
    if (any_renamed(database_)) return false;
    std::vector<std::pair<std::size_t, RowSlice>> work;
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      const PlatformId source = input_.sources[i].platform;
      for (const RowSlice& whole : snapshots_.row_slices_since(source, since[i], 1)) {
        // A slice costs two connections: as much as a few hundred people.
        const auto rows = static_cast<std::size_t>(whole.last - whole.first + 1);
        const std::size_t count = std::clamp<std::size_t>(rows / 512, 1, slices_per_source);
        for (const RowSlice& slice : snapshots_.row_slices_since(source, since[i], count))
          work.emplace_back(i, slice);
      }
    }
    DerivedRows gone(input_.targets.size());
    Connection connection = database_.reader();
    SourceRecords records(connection, input_.sources);
    PersonDeriver evaluator(connection, database_, input_, links_, gone);
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      const bool reaches =
          snapshots_.for_each_gone_since(input_.sources[i].platform, since[i], [&](const AccountView& last) {
            ++evaluated_;
            if (auto record = records.find(last.key)) {
              evaluator.evaluate(record->text, last.id, last.key);
            } else {
              evaluator.leave(
                  record_text(input_.sources[i], last.id, last.active, last.attributes, last.memberships),
                  last.id, last.key);
            }
          });
      if (!reaches) return false;
    }
    evaluated_ += again.size();
    for (const PersonRow& person : again) {
      if (const auto record = records.find(person.record))
        evaluator.evaluate(record->text, person.id, person.record);
    }
    evaluate(work);
    slices_.push_back(std::move(gone));
    name_records();
    return !keys_moved();
  }

  /// Gives records whose key cannot be evaluated to the people they belonged to when it last could.
  void name_records() {
    std::vector<DerivedRows::Unnamed> unnamed;
    std::vector<Fingerprint> records;
    for (DerivedRows& slice : slices_) {
      for (DerivedRows::Unnamed& record : slice.unnamed) {
        records.push_back(record.record);
        unnamed.push_back(std::move(record));
      }
    }
    if (unnamed.empty()) return;
    const auto owners = last_owners(database_, records);
    DerivedRows named(input_.targets.size());
    PersonDeriver deriver(database_.connection(), database_, input_, links_, named);
    for (const DerivedRows::Unnamed& record : unnamed) {
      const auto owner = owners.find(record.record);
      const std::string& person = owner == owners.end() ? record.id : owner->second;
      if (record.gone)
        deriver.leave(person);
      else
        deriver.refuse(person, record.record, record.message);
    }
    slices_.push_back(std::move(named));
  }

  /// Whether a record names another person than it did, or a person's key another record: who else has the
  /// same key, or who had it, is only seen in all the records.
  bool keys_moved() {
    People table(database_.connection());
    std::vector<Fingerprint> newcomers;
    for (const DerivedRows& slice : slices_) {
      for (const PersonRow& person : slice.people) {
        const auto stored = table.find(person.key);
        if (!stored)
          newcomers.push_back(person.record);
        else if (stored->record != person.record || stored->error == shared(stored->id))
          return true;
      }
      for (const Fingerprint& key : slice.gone_people) {
        const auto stored = table.find(key);
        if (stored && stored->error == shared(stored->id)) return true;
      }
    }
    std::sort(newcomers.begin(), newcomers.end());
    bool moved = false;
    if (newcomers.empty()) return moved;
    table.for_each([&](const PersonRow& stored) {
      moved = moved || std::binary_search(newcomers.begin(), newcomers.end(), stored.record);
    });
    return moved;
  }

  void evaluate(const std::vector<std::pair<std::size_t, RowSlice>>& work) {
    slices_.assign(work.size(), DerivedRows(input_.targets.size()));
    std::atomic<std::uint64_t> done{0};
    tbb::parallel_for(std::size_t{0}, work.size(), [&](std::size_t i) {
      const auto& [source, rows] = work[i];
      Connection connection = database_.reader();
      Connection lookups = database_.reader();
      lookups.execute("begin");  // one read lock for all lookups
      SourceRecords records(lookups, input_.sources);
      slices_[i].reserve(static_cast<std::size_t>(rows.last - rows.first + 1));
      PersonDeriver evaluator(lookups, database_, input_, links_, slices_[i]);
      std::uint64_t count = 0;
      Snapshots(connection).for_each_alive(rows, [&, from = source](const AccountView& view) {
        if (full_ && from > 0 && records.has_earlier(view.key, from)) return;
        evaluator.evaluate(records.of(view, from), view.id, view.key);
        ++count;
      });
      progress_.advance("desire", done += count, std::nullopt);
    });
    evaluated_ += done;
    progress_.finish("desire", done);
  }

  /// Sorts who was evaluated. Nothing is wanted for people whose key several records have: nobody can tell
  /// whose word counts.
  void gather_people() {
    std::size_t count = 0;
    for (const DerivedRows& slice : slices_) count += slice.people.size();
    people_.reserve(count);
    for (DerivedRows& slice : slices_) {
      std::move(slice.people.begin(), slice.people.end(), std::back_inserter(people_));
      slice.people = {};
    }
    sort_by_key(people_);
    std::vector<Fingerprint> several;
    for (std::size_t i = 1; i < people_.size(); ++i) {
      if (people_[i].key != people_[i - 1].key || people_[i].record == people_[i - 1].record) continue;
      people_[i].error = people_[i - 1].error = shared(people_[i].id);
      several.push_back(people_[i].key);
    }
    if (several.empty()) return;
    const auto is_shared = [&](const Fingerprint& person) {
      return std::binary_search(several.begin(), several.end(), person);
    };
    for (DerivedRows& slice : slices_) {
      for (auto& rows : slice.wanted)
        std::erase_if(rows, [&](const WantedRow& row) { return is_shared(row.person); });
      for (auto& open : slice.open) {
        std::erase_if(open, [&](const DerivedRows::Open& one) {
          return is_shared(database_.fingerprints().of_person(one.person));
        });
      }
    }
    DerivedRows refused(input_.targets.size());
    PersonDeriver evaluator(database_.connection(), database_, input_, links_, refused);
    for (const PersonRow& person : people_) {
      if (is_shared(person.key)) evaluator.put_errors(person.id, person.error);
    }
    slices_.push_back(std::move(refused));
  }

  /// What unique() left open while everybody was evaluated side by side.
  void choose() {
    DerivedRows late(input_.targets.size());
    for (std::size_t i = 0; i < input_.targets.size(); ++i) {
      std::vector<DerivedRows::Open> open;
      for (DerivedRows& slice : slices_)
        std::move(slice.open[i].begin(), slice.open[i].end(), std::back_inserter(open));
      if (open.empty()) continue;
      UniqueAllocation chosen = allocate_unique(database_, input_, i, std::move(open));
      late.wanted[i] = std::move(chosen.wanted);
      claims_[i] = std::move(chosen.claims);
    }
    slices_.push_back(std::move(late));
  }

  void publish(const std::string& state) {
    Transaction transaction(database_.connection(), Durability::lazy);
    publish_people();
    for (std::size_t i = 0; i < input_.targets.size(); ++i) {
      publish_wanted(i);
      publish_claims(i);
    }
    database_.set_fact("desired", state);
    remember_when(database_, input_);
    transaction.commit();
  }

  void publish_people() {
    People table(database_.connection());
    if (!full_) {
      for (const DerivedRows& slice : slices_) table.erase(slice.gone_people);
      table.put(people_);
      return;
    }
    const PeopleDifference found = people_difference(database_, people_);
    std::vector<PersonRow> renamed = renamed_people(database_, input_, people_, found.not_declared);
    sort_by_key(renamed);
    remember_renamed(database_, !renamed.empty());
    table.erase(keys_of_gone(found.not_declared, renamed));
    for (const PeopleDifference::Range& rows : found.changed)
      table.put(std::span(people_).subspan(rows.first, rows.count));
    table.put(renamed);
    add_leavers(renamed);
  }

  /// People whose record is there under another key are neither gone nor anybody else: they stay as they are.
  static std::vector<Fingerprint> keys_of_gone(const std::vector<PersonRow>& not_declared,
                                               const std::vector<PersonRow>& renamed) {
    std::vector<Fingerprint> gone;
    for (const PersonRow& old : not_declared) {
      if (!std::ranges::binary_search(renamed, old.key, {}, &PersonRow::key)) gone.push_back(old.key);
    }
    return gone;
  }

  /// Everybody with a link who is no longer declared; everybody was evaluated.
  void add_leavers(const std::vector<PersonRow>& renamed) {
    DerivedRows leavers(input_.targets.size());
    const Fingerprint leaver = leaver_digest(database_.fingerprints());
    for (std::size_t i = 0; i < input_.targets.size(); ++i) {
      auto row = people_.begin();
      for (const auto& [person, account] : links_[i].entries()) {  // both are sorted by person
        while (row != people_.end() && row->key < person) ++row;
        if (row != people_.end() && row->key == person) continue;
        const auto old = std::ranges::lower_bound(renamed, person, {}, &PersonRow::key);
        if (old == renamed.end() || old->key != person)
          leavers.wanted[i].push_back({account, person, WantedState::leaver, leaver, std::nullopt});
        else
          leavers.wanted[i].push_back({account, person, WantedState::error,
                                       error_digest(database_.fingerprints(), old->error), std::nullopt});
      }
    }
    slices_.push_back(std::move(leavers));
  }

  void publish_wanted(std::size_t target) {
    const PlatformId platform = input_.targets[target].platform;
    Wanted table(database_.connection());
    std::vector<WantedRow> rows;
    for (DerivedRows& slice : slices_) {
      if (!full_) table.erase(platform, slice.not_wanted[target]);
      rows.insert(rows.end(), slice.wanted[target].begin(), slice.wanted[target].end());
      slice.wanted[target] = {};
    }
    sort_by_key(rows);
    if (!full_) return table.put(platform, rows);
    erase_stale(table, platform, rows);
    const std::uint64_t stays = table.count(platform);  // at most: all of them are among the rows
    table.replace(platform, rows, rows.size() > stays ? rows.size() - stays : 0);
  }

  void publish_claims(std::size_t target) {
    if (input_.targets[target].program->unique_attributes().empty()) return;
    UniqueReservations claims(database_.connection());
    claims.put(input_.targets[target].platform, claims_[target]);
    claims.free_abandoned(input_.targets[target].platform);
  }

  void erase_stale(Wanted& table, PlatformId platform, const std::vector<WantedRow>& rows) {
    std::vector<Fingerprint> stale;
    for (const KeySlice& slice : key_slices(1)) {
      WantedScan scan(database_.connection(), platform, slice);
      auto row = rows.begin();
      while (scan.next()) {
        while (row != rows.end() && row->key < scan.key()) ++row;
        if (row == rows.end() || row->key != scan.key()) stale.push_back(scan.key());
      }
    }
    table.erase(platform, stale);
  }

  Database& database_;
  const PlanningInput& input_;
  Progress& progress_;
  Snapshots snapshots_;
  std::vector<PersonLinks> links_;  // one a target where everybody is evaluated, else empty
  std::vector<DerivedRows> slices_;
  std::vector<PersonRow> people_;                                 // who was evaluated, by key
  std::map<std::size_t, std::vector<UniqueReservation>> claims_;  // by target
  bool rules_changed_ = false;
  bool full_ = false;
  std::uint64_t evaluated_ = 0;
};

}  // namespace

DesiredStateSummary desire(Database& database, const PlanningInput& input, Progress& progress) {
  return DesiredStateBuilder(database, input, progress).run();
}

bool desired_is_current(Database& database, const PlanningInput& input) {
  NoProgress silent;
  return DesiredStateBuilder(database, input, silent).is_current();
}

}  // namespace usher
