#include "engine/desire.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "engine/wanted_content.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t slices_per_source = 32;

/// What one slice of the records came to.
struct Slice {
  std::vector<PersonRow> people;
  std::vector<Fingerprint> gone_people;
  std::vector<std::vector<WantedRow>> wanted;        // a target
  std::vector<std::vector<Fingerprint>> not_wanted;  // a target

  explicit Slice(std::size_t targets) : wanted(targets), not_wanted(targets) {}
};

/// Turns records into rows of the two tables. One a slice and thread.
class RecordEvaluator {
 public:
  RecordEvaluator(Connection& connection, const Database& database, const DesireInput& input, Slice& out)
      : fingerprints_(database.fingerprints()),
        input_(input),
        out_(out),
        links_(connection),
        people_(input.rules->people(), input.now) {
    for (const Target& target : input.targets) {
      accounts_.emplace_back(*target.program, input.now);
      has_links_.push_back(links_.count(target.platform) > 0);
    }
  }

  void evaluate(const std::string& record, std::string_view record_id, const Fingerprint& record_key) {
    const auto person = people_.evaluate(record);
    if (!person) {
      const std::string id(record_id);
      out_.people.push_back({fingerprints_.of_person(id), id, record_key, true, person.error()});
      for (std::size_t i = 0; i < accounts_.size(); ++i) put_error(i, id, person.error());
      return;
    }
    const std::string id(person->id);
    out_.people.push_back({fingerprints_.of_person(id), id, record_key, person->active, ""});
    for (std::size_t i = 0; i < accounts_.size(); ++i) evaluate_target(i, id, *person);
  }

  /// A record that nobody has any more: only who has an account still matters.
  void leave(const std::string& record, std::string_view record_id) {
    const auto person = people_.evaluate(record);
    const std::string id(person ? person->id : record_id);
    const Fingerprint key = fingerprints_.of_person(id);
    out_.gone_people.push_back(key);
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      out_.not_wanted[i].push_back(key);
      if (link_of(i, id)) put_leaver(i, id);
    }
  }

 private:
  void evaluate_target(std::size_t target, const std::string& id, const Person& person) {
    if (!person.active) return put_leaver(target, id);
    const auto in_scope = accounts_[target].in_scope(person);
    if (!in_scope) return put_error(target, id, in_scope.error());
    if (!*in_scope) return put_leaver(target, id);
    const auto wanted = accounts_[target].wanted(person);
    if (!wanted) return put_error(target, id, wanted.error());
    const auto content = wanted_content(**wanted, *input_.targets[target].program);
    if (!content) return put_error(target, id, content.error());
    put(target, id, WantedState::present,
        fingerprints_.of({"present", *content, input_.targets[target].salt}));
  }

  void put_leaver(std::size_t target, const std::string& id) {
    put(target, id, WantedState::leaver, fingerprints_.of({"leaver"}));
  }

  void put_error(std::size_t target, const std::string& id, const std::string& message) {
    put(target, id, WantedState::error, fingerprints_.of({"error", message}));
  }

  void put(std::size_t target, const std::string& id, WantedState state, const Fingerprint& digest) {
    const auto link = link_of(target, id);
    const Fingerprint person = fingerprints_.of_person(id);
    if (link) out_.not_wanted[target].push_back(person);
    out_.wanted[target].push_back({link.value_or(person), person, state, digest, std::nullopt});
  }

  std::optional<Fingerprint> link_of(std::size_t target, const std::string& id) {
    if (!has_links_[target]) return std::nullopt;
    const auto link = links_.of_person(input_.targets[target].platform, id);
    return link ? std::optional(link->key) : std::nullopt;
  }

  const Fingerprinter& fingerprints_;
  const DesireInput& input_;
  Slice& out_;
  Links links_;
  PeopleEvaluator people_;
  std::deque<AccountEvaluator> accounts_;  // never moved
  std::vector<bool> has_links_;
};

/// Sorted by key, one row a key.
template <class Row>
void sort_by_key(std::vector<Row>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
}

class Desire {
 public:
  Desire(Database& database, const DesireInput& input, Progress& progress)
      : database_(database), input_(input), progress_(progress), snapshots_(database.connection()) {}

  Desired run() {
    const std::string state = state_now();
    const auto before = database_.fact("desired");
    if (before != state || uses_now()) {
      rules_changed_ = !before || rules_of(*before) != input_.rules_digest || uses_now();
      if (rules_changed_ || !evaluate_changed(generations_of(*before))) evaluate_all();
      publish(state);
    }
    return {evaluated_, People(database_.connection()).count()};
  }

 private:
  using Generations = std::vector<std::uint64_t>;

  bool uses_now() const {
    return input_.rules->people().uses_now() ||
           std::any_of(input_.targets.begin(), input_.targets.end(),
                       [](const Target& target) { return target.program->uses_now(); });
  }

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
    std::vector<std::pair<std::size_t, RowSlice>> work;
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      for (const RowSlice& slice : snapshots_.row_slices(input_.sources[i].platform, slices_per_source)) {
        work.emplace_back(i, slice);
      }
    }
    evaluate(work);
  }

  /// False when history does not reach back to what was evaluated last.
  bool evaluate_changed(const Generations& since) {
    std::vector<std::pair<std::size_t, RowSlice>> work;
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      for (const RowSlice& slice :
           snapshots_.row_slices_since(input_.sources[i].platform, since[i], slices_per_source)) {
        work.emplace_back(i, slice);
      }
    }
    Slice gone(input_.targets.size());
    Connection connection = database_.reader();
    Records records(connection, input_.sources);
    RecordEvaluator evaluator(connection, database_, input_, gone);
    for (std::size_t i = 0; i < input_.sources.size(); ++i) {
      const bool reaches =
          snapshots_.for_each_gone_since(input_.sources[i].platform, since[i], [&](const AccountView& last) {
            ++evaluated_;
            if (auto record = records.find(last.key)) {
              evaluator.evaluate(*record, last.id, last.key);
            } else {
              evaluator.leave(std::string(last.attributes), last.id);
            }
          });
      if (!reaches) return false;
    }
    evaluate(work);
    slices_.push_back(std::move(gone));
    return true;
  }

  void evaluate(const std::vector<std::pair<std::size_t, RowSlice>>& work) {
    slices_.assign(work.size(), Slice(input_.targets.size()));
    std::atomic<std::uint64_t> done{0};
    tbb::parallel_for(std::size_t{0}, work.size(), [&](std::size_t i) {
      const auto& [source, rows] = work[i];
      Connection connection = database_.reader();
      Connection lookups = database_.reader();
      lookups.execute("begin");  // one read lock for all lookups
      Records records(lookups, input_.sources);
      RecordEvaluator evaluator(lookups, database_, input_, slices_[i]);
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

  void publish(const std::string& state) {
    Transaction transaction(database_.connection(), Durability::lazy);
    publish_people();
    for (std::size_t i = 0; i < input_.targets.size(); ++i) publish_wanted(i);
    database_.set_fact("desired", state);
    transaction.commit();
  }

  void publish_people() {
    People table(database_.connection());
    std::vector<PersonRow> rows;
    for (Slice& slice : slices_)
      std::move(slice.people.begin(), slice.people.end(), std::back_inserter(rows));
    sort_by_key(rows);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].key != rows[i - 1].key || rows[i].record == rows[i - 1].record) continue;
      rows[i].error = rows[i - 1].error = fmt::format("several records have the key '{}'", rows[i].id);
    }
    if (full_) {
      std::vector<Fingerprint> gone;
      table.for_each([&](const PersonRow& old) {
        const bool stays =
            std::binary_search(rows.begin(), rows.end(), old,
                               [](const PersonRow& a, const PersonRow& b) { return a.key < b.key; });
        if (!stays) gone.push_back(old.key);
      });
      table.erase(gone);
      add_leavers(rows);
    } else {
      for (const Slice& slice : slices_) table.erase(slice.gone_people);
    }
    table.put(rows);
  }

  /// Everybody with a link who is no longer declared. `rows` is sorted and complete.
  void add_leavers(const std::vector<PersonRow>& rows) {
    Slice leavers(input_.targets.size());
    for (std::size_t i = 0; i < input_.targets.size(); ++i) {
      Links(database_.connection()).for_each_by_person(input_.targets[i].platform, [&](const Link& link) {
        const Fingerprint person = database_.fingerprints().of_person(link.person);
        const bool declared =
            std::binary_search(rows.begin(), rows.end(), PersonRow{person, "", {}, true, ""},
                               [](const PersonRow& a, const PersonRow& b) { return a.key < b.key; });
        if (declared) return;
        leavers.wanted[i].push_back(
            {link.key, person, WantedState::leaver, database_.fingerprints().of({"leaver"}), std::nullopt});
      });
    }
    slices_.push_back(std::move(leavers));
  }

  void publish_wanted(std::size_t target) {
    const PlatformId platform = input_.targets[target].platform;
    Wanted table(database_.connection());
    std::vector<WantedRow> rows;
    for (Slice& slice : slices_) {
      if (!full_) table.erase(platform, slice.not_wanted[target]);
      std::move(slice.wanted[target].begin(), slice.wanted[target].end(), std::back_inserter(rows));
    }
    sort_by_key(rows);
    if (full_) erase_stale(table, platform, rows);
    table.put(platform, rows);
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
  const DesireInput& input_;
  Progress& progress_;
  Snapshots snapshots_;
  std::vector<Slice> slices_;
  bool rules_changed_ = false;
  bool full_ = false;
  std::uint64_t evaluated_ = 0;
};

}  // namespace

Desired desire(Database& database, const DesireInput& input, Progress& progress) {
  return Desire(database, input, progress).run();
}

PersonReader::PersonReader(Connection& connection, const DesireInput& input)
    : input_(input),
      records_(connection, input.sources),
      snapshots_(connection),
      people_(input.rules->people(), input.now) {
  for (const Target& target : input.targets) accounts_.emplace_back(*target.program, input.now);
}

PersonReader::Answer PersonReader::read(const Fingerprint& record, std::size_t target) {
  Answer answer;
  const auto text = records_.find(record);
  if (!text) return answer;
  answer.found = true;
  for (const Source& source : input_.sources) {
    const auto stored = snapshots_.find(source.platform, record);
    if (!stored || stored->generation < answer.record_generation) continue;
    answer.record_generation = stored->generation;
    answer.source = source.name;
  }
  const auto person = people_.evaluate(*text);
  if (!person) {
    answer.error = person.error();
    return answer;
  }
  answer.id = std::string(person->id);
  answer.active = person->active;
  AccountEvaluator& rules = accounts_[target];
  auto values = rules.match_values(*person);
  if (values) answer.match_values = *values;
  if (!person->active) return answer;
  const auto fail = [&](const std::string& error) {
    answer.error = error;
    return answer;
  };
  const auto in_scope = rules.in_scope(*person);
  if (!in_scope) return fail(in_scope.error());
  answer.in_scope = *in_scope;
  if (!answer.in_scope) return answer;
  const auto wanted = rules.wanted(*person);
  if (!wanted) return fail(wanted.error());
  auto content = wanted_content(**wanted, *input_.targets[target].program);
  if (!content) return fail(content.error());
  answer.content = std::move(*content);
  if (!values) return fail(values.error());
  return answer;
}

}  // namespace usher
