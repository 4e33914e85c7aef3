#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/cel/program.hpp"
#include "rules/compile.hpp"

namespace usher {

/// One identity of the declared desired state. Its attributes live in the evaluator that derived it, until
/// the next record is evaluated.
struct Person {
  std::string_view id;
  bool active = true;
  cel::Value attributes;  ///< object of PeopleProgram::type()
};

/// Why rules come to nothing for one person.
struct RuleFailure {
  std::string message;       ///< with the values that were read; empty: nothing failed
  std::string cause = {};    ///< the same without the values, which differ from person to person
  std::string missing = {};  ///< the field of the record that was asked for and is not there; empty: none
};

/// Why no person can be derived from a record.
struct PersonError {
  std::string id;  ///< of the person the record names; empty: the key itself could not be evaluated
  RuleFailure failure;
};

/// The people section, compiled: records in, persons out. Immutable; safe from any thread.
class PeopleProgram {
 public:
  /// Mistakes go to the compiler; the program is usable only when it found none.
  PeopleProgram(const PeopleRules& rules, const Config& config, ExpressionCompiler& compiler);

  /// The object type of a person: its attributes and `key`.
  const cel::Type& type() const { return type_; }

  /// Whether who has the account of somebody who is gone is that person under a new key.
  bool rekeys_by_match() const { return rules_->rekey_by_match; }

  /// True when an expression looks at `now`.
  bool uses_now() const { return uses_now_; }

 private:
  friend class PeopleEvaluator;

  struct Attribute {
    std::string name;
    cel::Program program;
    const Expression* expression;
    std::uint32_t slot;
  };

  void declare_record(const PeopleRules& rules, const Config& config);
  void refuse_unique(ExpressionCompiler& compiler) const;
  void compile_attributes(const PeopleRules& rules, ExpressionCompiler& compiler);

  cel::Environment environment_;
  cel::Environment::Slot record_slot_ = 0, now_slot_ = 0;
  cel::Type record_type_ = cel::Type::dyn();
  cel::Type type_ = cel::Type::dyn();
  std::uint32_t key_slot_ = 0;
  std::optional<cel::Program> key_, active_;
  const PeopleRules* rules_;
  std::vector<Attribute> attributes_;
  bool uses_now_ = false;
};

/// Evaluates one person after another. One a thread; the program must outlive it.
class PeopleEvaluator {
 public:
  PeopleEvaluator(const PeopleProgram& program, cel::Moment now);

  /// Derives the person of a record (canonical JSON). An error says which expression failed, where it stands
  /// and on what values; the person is then not derived, but the error still names them where the key could
  /// be evaluated.
  tl::expected<Person, PersonError> evaluate(std::string_view record);
  /// cel::Bindings::turn() of the last record.
  const std::optional<std::int64_t>& turn() const { return bindings_.turn(); }

 private:
  tl::expected<std::string_view, RuleFailure> key();
  tl::expected<bool, RuleFailure> active();
  tl::expected<cel::Value, RuleFailure> attributes(std::string_view key);
  RuleFailure explain(const Expression& expression, const cel::Program& program, const cel::Value& error);

  const PeopleProgram& program_;
  cel::Moment now_;
  cel::Bindings bindings_;
  cel::Value seen_;          // what is evaluated now, for explanations
  std::string_view record_;  // the same as JSON, whole
};

/// "usher.yaml:14:11: record.emial.lowerAscii(): no such field: emial (record.emial is absent)": an
/// evaluation that failed for one person, for the plan. hint: follows what is wrong.
RuleFailure explain_failure(const Expression& expression, const cel::Program& program,
                            const cel::Value& error, std::string_view variable, const cel::Value& seen,
                            std::string_view hint = {});

}  // namespace usher
