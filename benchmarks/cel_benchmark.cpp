// How fast rules are: ten mappings as a configuration has them, over people read from JSON. Items are people.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/cel/program.hpp"

namespace {

using namespace usher::cel;

constexpr std::array<std::string_view, 10> mappings{
    "record.email.lowerAscii()",
    "record.first + ' ' + record.last",
    "record.first.substring(0, 1).lowerAscii() + '.' + record.last.lowerAscii().replace(' ', '-')",
    "record.status == 'active' && record.type in ['employee', 'contractor']",
    "record.dept == 'engineering' ? 'eng-' + record.site : record.dept == 'sales' ? 'sales' : 'staff'",
    "[record.dept, record.site] + (record.manager == '' ? [] : ['reports-to-' + record.manager])",
    "lookup('departments', record.dept, 'unknown')",
    "record.phone.matches('^\\\\+[0-9]{6,15}$') ? record.phone : ''",
    "has(record.nickname) && record.nickname != '' ? record.nickname : record.first",
    "['users', 'vpn', 'wiki', 'admins'].filter(g, g != 'admins' || record.dept == 'engineering')",
};

const std::vector<std::string>& people() {
  static const std::vector<std::string> all = [] {
    static constexpr std::array first{"Ada", "Grace", "Zoe", "Linus", "Barbara", "Edsger", "Radia"};
    static constexpr std::array last{"Lovelace", "Hopper", "van der Berg", "Torvalds", "Liskov", "Perlman"};
    static constexpr std::array dept{"engineering", "sales", "operations", "finance"};
    static constexpr std::array site{"paris", "oslo", "lisbon"};
    std::vector<std::string> made;
    for (std::size_t i = 0; i < 50'000; ++i) {
      made.push_back(fmt::format(
          R"({{"dept":"{}","email":"{}.{}@Example.COM","employee_id":"{}","first":"{}","last":"{}","manager":"{}",)"
          R"("nickname":"{}","phone":"+33{}","site":"{}","status":"{}","type":"employee"}})",
          dept[i % 4], first[i % 7], i, 100'000 + i, first[i % 7], last[i % 6], i % 9 == 0 ? "" : "m4711",
          i % 3 == 0 ? "Nick" : "", 100'000'000 + i, site[i % 3], i % 10 == 0 ? "left" : "active"));
    }
    return made;
  }();
  return all;
}

/// The columns of a CSV file, as an engine declares them.
const Type& record_type() {
  static const Type type = [] {
    std::vector<Type::Field> fields;
    for (const char* name : {"dept", "email", "employee_id", "first", "last", "manager", "nickname", "phone",
                             "site", "status", "type"}) {
      fields.emplace_back(name, Type::string());
    }
    return Type::object(std::move(fields));
  }();
  return type;
}

struct Rules {
  Environment environment;
  std::vector<Program> programs;

  Rules(Type record, std::span<const std::string_view> sources) {
    environment.declare("record", std::move(record));
    environment.table(
        "departments",
        std::make_shared<const std::map<std::string, std::string>>(std::map<std::string, std::string>{
            {"engineering", "Engineering"}, {"sales", "Sales & Marketing"}, {"operations", "Operations"}}));
    for (const auto source : sources) programs.push_back(Program::compile(source, environment).value());
  }
};

/// Reads each person and evaluates every rule; fails the benchmark where one gives an error.
void run(benchmark::State& state, const Rules& rules, bool typed) {
  Bindings bindings(rules.environment);
  std::size_t person = static_cast<std::size_t>(state.thread_index()) * 1000;
  for (auto _ : state) {
    bindings.reset();
    const std::string& json = people()[person++ % people().size()];
    bindings.set(0, typed ? object_from_json(json, record_type(), bindings.arena())
                          : from_json(std::string_view(json), bindings.arena()));
    for (const Program& program : rules.programs) {
      const Value value = program.evaluate(bindings);
      if (value.is_error()) state.SkipWithError(std::string(value.error_message()).c_str());
      benchmark::DoNotOptimize(value);
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void ten_mappings_of_columns(benchmark::State& state) {
  static const Rules rules(record_type(), mappings);
  run(state, rules, true);
}
BENCHMARK(ten_mappings_of_columns)->Threads(1)->Threads(2)->UseRealTime();

void ten_mappings_of_any_json(benchmark::State& state) {
  static const Rules rules(Type::dyn(), mappings);
  run(state, rules, false);
}
BENCHMARK(ten_mappings_of_any_json)->Threads(1)->Threads(2)->UseRealTime();

void reading_alone(benchmark::State& state) {
  static const Rules rules(record_type(), {});
  run(state, rules, true);
}
BENCHMARK(reading_alone)->Threads(1)->Threads(2)->UseRealTime();

/// Each mapping by itself, over one person.
void one_mapping(benchmark::State& state) {
  const std::string_view source = mappings[static_cast<std::size_t>(state.range(0))];
  const Rules rules(record_type(), {&source, 1});
  Bindings bindings(rules.environment);
  Arena arena;
  const Value record = object_from_json(people()[1], record_type(), arena);
  for (auto _ : state) {
    bindings.reset();
    bindings.set(0, record);
    benchmark::DoNotOptimize(rules.programs[0].evaluate(bindings));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(std::string(source));
}
BENCHMARK(one_mapping)->DenseRange(0, 9);

void compiling(benchmark::State& state) {
  const Rules rules(record_type(), {});
  for (auto _ : state) {
    for (const auto source : mappings) benchmark::DoNotOptimize(Program::compile(source, rules.environment));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(mappings.size()));
}
BENCHMARK(compiling);

}  // namespace
