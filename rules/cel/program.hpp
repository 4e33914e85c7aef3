#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/cel/diagnostic.hpp"
#include "rules/cel/environment.hpp"
#include "rules/cel/type.hpp"
#include "rules/cel/value.hpp"

namespace usher::cel {

class Context;

/// The variables of one evaluation, reused from person to person, and the memory its values live in. Not
/// thread-safe: one a thread.
class Bindings {
 public:
  explicit Bindings(const Environment& environment);

  /// Throws std::out_of_range for a slot the environment did not have.
  void set(Environment::Slot slot, Value value) { variables_.at(slot) = value; }
  Arena& arena() { return arena_; }
  /// Forgets every variable and every value made since the last reset.
  void reset();
  /// Who answers unique(): whether somebody else holds a candidate. Kept by reset().
  void set_taken(std::function<bool(std::string_view candidate)> taken) { taken_ = std::move(taken); }

  /// In how many seconds after `now`, at the earliest, what was evaluated since forget_turn() may come out
  /// otherwise by time alone; nothing: never.
  const std::optional<std::int64_t>& turn() const { return turn_; }
  void forget_turn() { turn_.reset(); }

 private:
  friend class Program;

  /// Room for all that a program binds and reads, whatever environment these were made for.
  void make_room(std::size_t variables, std::size_t locals) {
    if (variables_.size() < variables) [[unlikely]]
      variables_.resize(variables);
    if (locals_.size() < locals) [[unlikely]]
      locals_.resize(locals);
  }
  void note_turn(const std::optional<std::int64_t>& seconds) {
    if (seconds) turn_ = std::min(turn_.value_or(*seconds), *seconds);
  }
  /// Null when nobody answers.
  const std::function<bool(std::string_view)>* taken() const { return taken_ ? &taken_ : nullptr; }

  std::vector<Value> variables_;
  std::vector<Value> locals_;
  Arena arena_;
  std::function<bool(std::string_view)> taken_;
  std::optional<std::int64_t> turn_;
};

/// How strictly an expression is compiled.
struct Language {
  /// Whether what cannot work is a mistake; otherwise it is an error of every evaluation that gets there, as
  /// in CEL without its checker.
  bool checked = true;
  /// Whether `has`, `all`, `map` and the others are macros; otherwise they are functions nobody has declared.
  bool macros = true;
};

/// A checked, compiled expression: immutable, cheap to copy, safe from any number of threads. Its constants
/// and tables live as long as a copy of it does, and so must what values it returned point into.
class Program {
 public:
  /// Compiles a source. `wanted` is what the result must be; null is always among what may be given.
  /// Otherwise every mistake found, in the order of the source.
  static tl::expected<Program, std::vector<Diagnostic>> compile(std::string_view source,
                                                                const Environment& environment,
                                                                const Type& wanted = Type::dyn(),
                                                                const Language& language = {});

  /// The value for these variables, or an error value. Pure and bounded: an expression that takes too many
  /// steps is an error. Text, lists and maps in the result live in the bindings' arena, in what was bound, or
  /// in the program.
  Value evaluate(Bindings& bindings) const;

  /// The static type of the result, `dyn` where it is known only at run time.
  const Type& type() const;
  const std::string& source() const;
  /// Whether it reads that variable.
  bool uses(std::string_view variable) const;
  /// Whether it reads no variable and asks for no uniqueness.
  bool constant() const;
  /// Whether it calls unique(), so that its value depends on what others hold.
  bool asks_others() const;
  /// The dotted paths it reads of a variable, sorted: {"credentials.identity", "tags"}, also where it writes
  /// them as `account["tags"]`. An empty path among them means that the variable is also used as a whole, or
  /// read by a name that has a dot or is not constant.
  std::vector<std::string> fields(std::string_view variable) const;

  /// One sub-expression and what it came to, as JSON or `error: …`.
  struct Step {
    std::size_t offset, length;
    std::string text, value;
  };
  /// Evaluates, and tells every sub-expression that was evaluated, in the order they were finished; the last
  /// is the whole expression. Left out are constants, values of a thousand parts or bytes and more, and what
  /// macros repeat beyond the first thousand steps.
  std::vector<Step> trace(Bindings& bindings) const;

 private:
  struct Compiled;

  explicit Program(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  Value judged(const Value& result, Context& context) const;

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace usher::cel
