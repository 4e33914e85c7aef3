#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/people.hpp"
#include "state/model/capabilities.hpp"

namespace usher {

class UniqueAllocator;

/// The rules of one platform, compiled: a person in, what the person should have there out. Immutable; safe
/// from any thread.
class AccountProgram {
 public:
  /// Mistakes go to the compiler; the program is usable only when it found none. Rules and capabilities must
  /// outlive it.
  AccountProgram(const AccountRules& rules, const Config& config, const PeopleProgram& people,
                 const Capabilities& capabilities, ExpressionCompiler& compiler);

  const AccountRules& rules() const { return *rules_; }
  const Capabilities& capabilities() const { return *capabilities_; }
  bool uses_now() const { return uses_now_; }

  /// The managed attributes, sorted by path.
  struct Assignment {
    std::string path;
    const Attribute* attribute;  ///< never null
    cel::Program program;
    const Expression* expression;
  };
  const std::vector<Assignment>& assignments() const { return assignments_; }
  /// The kind of credential that invites the owner of a new account; empty: the rules invite nobody.
  const std::string& invitation() const { return invitation_; }
  /// Which accounts that nobody declares stay, over `account` at account_slot() of account_environment();
  /// nullopt: no rule says so.
  const std::optional<cel::Program>& orphan_exception() const { return orphan_exception_; }
  const cel::Environment& account_environment() const { return account_environment_; }
  cel::Environment::Slot account_slot() const { return account_slot_; }
  /// The attributes whose values unique() chooses, sorted.
  std::vector<std::string> unique_attributes() const;

 private:
  friend class AccountEvaluator;

  struct Match {
    cel::Program program;
    const MatchRule* rule;
  };
  struct Group {
    std::optional<cel::Program> when;  ///< nullopt: always
    const GroupRule* rule;
  };

  std::optional<cel::Program> compile_shared(const Expression& expression, const cel::Type& wanted,
                                             ExpressionCompiler& compiler);
  void compile_assignments(ExpressionCompiler& compiler);
  void compile_matches(ExpressionCompiler& compiler);
  void compile_groups(ExpressionCompiler& compiler);
  void compile_orphans(const Config& config, ExpressionCompiler& compiler);
  /// What the rules choose for what the platform cannot do must be possible.
  void check_choices(ExpressionCompiler& compiler) const;
  void find_invitation(ExpressionCompiler& compiler);
  void check_first_secret(ExpressionCompiler& compiler) const;

  const AccountRules* rules_;
  const Capabilities* capabilities_;
  cel::Environment environment_;
  cel::Environment::Slot person_slot_ = 0, now_slot_ = 0;
  std::optional<cel::Program> who_;
  cel::Environment account_environment_;
  cel::Environment::Slot account_slot_ = 0;
  std::optional<cel::Program> orphan_exception_;
  std::vector<Assignment> assignments_;
  std::vector<Match> matches_;
  std::vector<Group> groups_;
  std::string invitation_;
  bool uses_now_ = false;
};

/// What one person should have on one platform. Values live in the evaluator until its next person.
struct WantedAccount {
  struct Value {
    const AccountProgram::Assignment* assignment;
    cel::Value value;

    /// As the platform keeps it; empty: it is no text.
    std::string text() const;
  };
  std::vector<Value> values;             ///< sorted by path
  std::vector<const GroupRule*> groups;  ///< in the order of the rules
};

/// Evaluates one platform's rules for one person after another. One a thread; the program must outlive it.
class AccountEvaluator {
 public:
  /// chooser: who settles unique(); without one it is an error of every person. Must outlive this.
  AccountEvaluator(const AccountProgram& program, cel::Moment now, UniqueAllocator* chooser = nullptr);

  /// Whether the person belongs on the platform. Every evaluation may fail for a person: the error says where
  /// and why.
  tl::expected<bool, RuleFailure> in_scope(const Person& person);

  /// What the person should have; valid until the next call.
  tl::expected<const WantedAccount*, RuleFailure> wanted(const Person& person);

  /// What the person should have at one path, whatever else fails; nullopt: the rules set nothing there.
  /// Valid until the next call.
  tl::expected<std::optional<WantedAccount::Value>, RuleFailure> wanted_at(const Person& person,
                                                                           std::string_view path);

  /// The values by which the person's account can be found, one a match rule in order; empty text: none.
  tl::expected<std::vector<std::string>, RuleFailure> match_values(const Person& person);

  /// cel::Bindings::turn() of all that was evaluated since forget_turn().
  const std::optional<std::int64_t>& turn() const { return bindings_.turn(); }
  void forget_turn() { bindings_.forget_turn(); }

 private:
  void bind(const Person& person);
  tl::expected<WantedAccount::Value, RuleFailure> value_of(const Person& person,
                                                           const AccountProgram::Assignment& assignment);
  cel::Value chosen(const Person& person, const AccountProgram::Assignment& assignment);
  RuleFailure explain(const Expression& expression, const cel::Program& program, const cel::Value& error);

  const AccountProgram& program_;
  cel::Moment now_;
  UniqueAllocator* chooser_;
  cel::Bindings bindings_;
  cel::Value seen_;  // what is evaluated now, for explanations
  WantedAccount wanted_;
};

}  // namespace usher
