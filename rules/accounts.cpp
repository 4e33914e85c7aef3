#include "rules/accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rules/unique_allocator.hpp"
#include "state/model/normalise.hpp"
#include "state/model/suggestion.hpp"

namespace usher {

namespace {

/// What an expression must give to be assigned to an attribute.
cel::Type type_of(AttributeType type) {
  switch (type) {
    case AttributeType::string:
      return cel::Type::string();
    case AttributeType::integer:
      return cel::Type::integer();
    case AttributeType::boolean:
      return cel::Type::boolean();
    case AttributeType::list:
    case AttributeType::set:
      return cel::Type::list(cel::Type::dyn());
    case AttributeType::object:
      return cel::Type::map(cel::Type::string(), cel::Type::dyn());
    case AttributeType::number:
    case AttributeType::timestamp:
      break;
  }
  return cel::Type::dyn();
}

std::vector<std::string> paths(const Schema& schema) {
  std::vector<std::string> names;
  for (const Attribute& attribute : schema.attributes) names.push_back(attribute.path);
  return names;
}

/// Whether accounts can have a text at that path: an attribute, or a place inside one that holds any object.
bool is_readable(const Schema& schema, const std::string& path) {
  return std::any_of(schema.attributes.begin(), schema.attributes.end(), [&](const Attribute& attribute) {
    return attribute.path == path ||
           (attribute.type == AttributeType::object && path.starts_with(attribute.path + "."));
  });
}

std::string hint(const std::string& name, const std::vector<std::string>& known) {
  return did_you_mean(name, known, known.empty() ? "" : fmt::format(" (it has {})", fmt::join(known, ", ")));
}

}  // namespace

AccountProgram::AccountProgram(const AccountRules& rules, const Config& config, const PeopleProgram& people,
                               const Capabilities& capabilities, ExpressionCompiler& compiler)
    : rules_(&rules), capabilities_(&capabilities) {
  person_slot_ = environment_.declare("person", people.type());
  now_slot_ = environment_.declare("now", cel::Type::timestamp());
  for (const auto& [name, rows] : config.tables) {
    environment_.table(name, std::make_shared<const std::map<std::string, std::string>>(rows));
  }
  who_ = compile_shared(rules.who, cel::Type::boolean(), compiler);
  uses_now_ = who_ && who_->uses("now");
  compile_assignments(compiler);
  compile_matches(compiler);
  compile_groups(compiler);
  compile_orphans(config, compiler);
  check_choices(compiler);
  if (rules.first_secret.handover == FirstSecret::Handover::invite) find_invitation(compiler);
  check_first_secret(compiler);
}

/// What is generated has to be what the platform takes.
void AccountProgram::check_first_secret(ExpressionCompiler& compiler) const {
  const FirstSecret& secret = rules_->first_secret;
  const SecretRule& taken = capabilities_->secrets;
  if (secret.length && (*secret.length < taken.shortest || *secret.length > taken.longest))
    compiler.mistake(secret.place, fmt::format("credentials.length: {} takes secrets of {} to {} characters",
                                               rules_->platform, taken.shortest, taken.longest));
  const std::size_t characters = taken.characters(secret.alphabet).size();
  if (characters < fewest_secret_characters)
    compiler.mistake(
        secret.place,
        fmt::format(
            "credentials.alphabet: {0} takes {1} different {2} of it, too few for a secret; it needs {3}",
            rules_->platform, characters, characters == 1 ? "character" : "characters",
            fewest_secret_characters));
}

/// What is renewed without a secret for anybody to hand over: the platform mails the person.
void AccountProgram::find_invitation(ExpressionCompiler& compiler) {
  std::vector<std::string> possible;
  for (const CredentialKind& kind : capabilities_->credentials) {
    if (kind.rotate && !kind.generated && !kind.answered && !kind.own && kind.holder.empty())
      possible.push_back(kind.name);
  }
  if (possible.size() == 1) {
    invitation_ = possible.front();
    return;
  }
  compiler.mistake(
      rules_->first_secret.place,
      possible.empty()
          ? fmt::format(
                "credentials.first: {} mails nobody an invitation; write discard, a file or a command",
                rules_->platform)
          : fmt::format("credentials.first: {} has several invitations ({}), and none is the usual one",
                        rules_->platform, fmt::join(possible, ", ")));
}

void AccountProgram::check_choices(ExpressionCompiler& compiler) const {
  const Capabilities& can = *capabilities_;
  const auto refuse = [&](const std::string& choice, const char* what) {
    const auto key = rules_->keys.find(choice.substr(0, choice.find_first_of(".:")));
    compiler.mistake(key == rules_->keys.end() ? rules_->place : key->second,
                     fmt::format("{} of {}: this platform cannot {}", choice, rules_->platform, what));
  };
  if (rules_->leavers.delete_after_days && !can.remove) refuse("leavers.delete", "delete an account");
  const std::optional<Fallback> instead = rules_->leavers.without_disable;
  if (!can.disable && instead == Fallback::lock && !can.lock)
    refuse("leavers.without-disable: lock", "lock an account");
  if (!can.disable && instead == Fallback::remove && !can.remove)
    refuse("leavers.without-disable: delete", "delete an account");
  const OrphanRules& orphans = rules_->orphans;
  if (orphans.delete_after_days && !can.remove) refuse("orphans.delete", "delete an account");
  if (orphans.disable_after_days && !can.disable && !(can.lock && instead == Fallback::lock))
    refuse("orphans.disable", can.lock ? "disable an account; leavers.without-disable: lock has them locked"
                                       : "disable an account");
  const bool recreates = can.create && can.remove;
  if (rules_->without_update == Fallback::recreate && !recreates)
    refuse("without-update: recreate", "both delete and create accounts");
  if (rules_->leavers.create_disabled && !unique_attributes().empty())
    compiler.mistake(
        rules_->place,
        fmt::format("leavers.create: disabled of {}: unique() chooses nothing for who is not active",
                    rules_->platform));
}

std::vector<std::string> AccountProgram::unique_attributes() const {
  std::vector<std::string> paths;
  for (const Assignment& assignment : assignments_) {
    if (assignment.program.asks_others()) paths.push_back(assignment.path);
  }
  return paths;
}

/// An expression that is no value of an attribute: nothing can be held by anybody there.
std::optional<cel::Program> AccountProgram::compile_shared(const Expression& expression,
                                                           const cel::Type& wanted,
                                                           ExpressionCompiler& compiler) {
  auto program = compiler.compile(expression, environment_, wanted);
  if (program && program->asks_others()) {
    compiler.mistake(expression.place, "unique() chooses a value for an attribute: it can stand only in set");
    return std::nullopt;
  }
  return program;
}

void AccountProgram::compile_assignments(ExpressionCompiler& compiler) {
  for (const auto& [path, expression] : rules_->set) {
    const Attribute* attribute = capabilities_->schema.find(path);
    if (attribute == nullptr || attribute->secret) {
      compiler.mistake(
          expression.place,
          attribute == nullptr
              ? fmt::format("{} has no attribute '{}'{}", rules_->platform, path,
                            hint(path, paths(capabilities_->schema)))
              : fmt::format("{} is a secret: it is made when an account is created and cannot be declared",
                            path));
      continue;
    }
    if (!attribute->creatable && !attribute->updatable) {
      compiler.mistake(expression.place,
                       fmt::format("{} of {} is read-only: remove it from set", path, rules_->platform));
      continue;
    }
    auto program = compiler.compile(expression, environment_, type_of(attribute->type));
    if (!program) continue;
    uses_now_ = uses_now_ || program->uses("now");
    assignments_.push_back({path, attribute, std::move(*program), &expression});
  }
  std::sort(assignments_.begin(), assignments_.end(),
            [](const Assignment& a, const Assignment& b) { return a.path < b.path; });
}

void AccountProgram::compile_matches(ExpressionCompiler& compiler) {
  for (const MatchRule& rule : rules_->match) {
    if (rule.account != "id" && !is_readable(capabilities_->schema, rule.account)) {
      compiler.mistake(rule.place, fmt::format("{} has no attribute '{}'{}", rules_->platform, rule.account,
                                               hint(rule.account, paths(capabilities_->schema))));
    }
    auto program = compile_shared(rule.person, cel::Type::string(), compiler);
    if (program) matches_.push_back({std::move(*program), &rule});
  }
}

void AccountProgram::compile_groups(ExpressionCompiler& compiler) {
  if (!rules_->groups) return;
  std::vector<std::string> kinds;
  for (const EntitlementKind& kind : capabilities_->entitlements) kinds.push_back(kind.name);
  for (const GroupRule& rule : *rules_->groups) {
    const EntitlementKind* kind = capabilities_->entitlement(rule.kind);
    if (rule.kind.empty() || rule.name.empty()) {
      compiler.mistake(rule.place, "'kind' and 'name' go together: {kind: team, name: core}");
      continue;
    }
    if (kind == nullptr) {
      compiler.mistake(rule.place, kinds.empty()
                                       ? fmt::format("{} has no groups: remove them", rules_->platform)
                                       : fmt::format("{} has no {}s{}", rules_->platform, rule.kind,
                                                     hint(rule.kind, kinds)));
      continue;
    }
    for (const std::string& detail : rule.details) {
      if (std::find(kind->details.begin(), kind->details.end(), detail) == kind->details.end()) {
        compiler.mistake(rule.place, fmt::format("a {} of {} has no action '{}'{}", rule.kind,
                                                 rules_->platform, detail, hint(detail, kind->details)));
      }
    }
    auto when = compile_shared(rule.when, cel::Type::boolean(), compiler);
    uses_now_ = uses_now_ || (when && when->uses("now"));
    groups_.push_back({std::move(when), &rule});
  }
}

void AccountProgram::compile_orphans(const Config& config, ExpressionCompiler& compiler) {
  account_slot_ = account_environment_.declare("account", cel::Type::dyn());
  for (const auto& [name, rows] : config.tables)
    account_environment_.table(name, std::make_shared<const std::map<std::string, std::string>>(rows));
  const Expression& except = rules_->orphans.except;
  orphan_exception_ = compiler.compile(except, account_environment_, cel::Type::boolean());
  if (!orphan_exception_) return;
  if (!rules_->orphans.take())
    compiler.mistake(except.place,
                     "orphans.except: nothing becomes of any orphan; give disable or delete too");
  if (orphan_exception_->asks_others())
    compiler.mistake(except.place, "unique() chooses a value for an attribute: it can stand only in set");
  for (const std::string& path : orphan_exception_->fields("account")) {
    const std::string first = path.substr(0, path.find('.'));
    if (path.empty() || first == "id" || first == "active" || first == "memberships") continue;
    const Schema& schema = capabilities_->schema;
    const bool readable =
        is_readable(schema, path) ||
        std::any_of(schema.attributes.begin(), schema.attributes.end(), [&](const Attribute& one) {
          return one.path.starts_with(path + ".") || path.starts_with(one.path + ".");
        });
    if (!readable)
      compiler.mistake(except.place, fmt::format("{} has no attribute '{}'{}", rules_->platform, path,
                                                 hint(path, paths(schema))));
  }
}

AccountEvaluator::AccountEvaluator(const AccountProgram& program, cel::Moment now, UniqueAllocator* chooser)
    : program_(program), now_(now), chooser_(chooser), bindings_(program.environment_) {}

void AccountEvaluator::bind(const Person& person) {
  bindings_.reset();
  seen_ = person.attributes;
  bindings_.set(program_.person_slot_, seen_);
  bindings_.set(program_.now_slot_, cel::Value::timestamp(now_));
}

tl::expected<bool, RuleFailure> AccountEvaluator::in_scope(const Person& person) {
  if (!program_.who_) return true;
  bind(person);
  const cel::Value result = program_.who_->evaluate(bindings_);
  if (result.is_error()) return tl::unexpected(explain(program_.rules_->who, *program_.who_, result));
  if (!result.is_bool())
    return tl::unexpected(
        RuleFailure{program_.rules_->who.place.to_string() + ": who must be true or false"});
  return result.as_bool();
}

tl::expected<const WantedAccount*, RuleFailure> AccountEvaluator::wanted(const Person& person) {
  bind(person);
  wanted_.values.clear();
  wanted_.groups.clear();
  for (const AccountProgram::Assignment& assignment : program_.assignments_) {
    const auto value = value_of(person, assignment);
    if (!value) return tl::unexpected(value.error());
    wanted_.values.push_back(*value);
  }
  for (const AccountProgram::Group& group : program_.groups_) {
    if (group.when) {
      const cel::Value result = group.when->evaluate(bindings_);
      if (result.is_error()) return tl::unexpected(explain(group.rule->when, *group.when, result));
      if (!result.is_true()) continue;
    }
    wanted_.groups.push_back(group.rule);
  }
  return &wanted_;
}

tl::expected<std::optional<WantedAccount::Value>, RuleFailure> AccountEvaluator::wanted_at(
    const Person& person, std::string_view path) {
  bind(person);
  for (const AccountProgram::Assignment& assignment : program_.assignments_)
    if (assignment.path == path) return value_of(person, assignment);
  return std::nullopt;
}

tl::expected<WantedAccount::Value, RuleFailure> AccountEvaluator::value_of(
    const Person& person, const AccountProgram::Assignment& assignment) {
  const bool must_choose = chooser_ != nullptr && assignment.program.asks_others();
  const cel::Value value = must_choose ? chosen(person, assignment) : assignment.program.evaluate(bindings_);
  if (value.is_error()) return tl::unexpected(explain(*assignment.expression, assignment.program, value));
  return WantedAccount::Value{&assignment, value};
}

std::string WantedAccount::Value::text() const {
  const nlohmann::json kept = normalised(cel::to_json(value), *assignment->attribute);
  return kept.is_string() ? kept.get<std::string>() : std::string();
}

/// The assignment is evaluated with one candidate of unique() after another refused, so that what is compared
/// is what the account would hold, whatever the expression makes of the candidate.
cel::Value AccountEvaluator::chosen(const Person& person, const AccountProgram::Assignment& assignment) {
  bool asked = false;
  const auto evaluate = [&](std::size_t refused) {
    bindings_.set_taken([&asked, refused, seen = std::size_t{0}](std::string_view) mutable {
      asked = true;
      return seen++ < refused;
    });
    const cel::Value value = assignment.program.evaluate(bindings_);
    bindings_.set_taken({});
    return value;
  };
  const cel::Value first = evaluate(0);
  if (first.is_error() || !asked) return first;
  const auto offers = [&, next = std::size_t{0}]() mutable -> std::optional<std::string> {
    const cel::Value value = next == 0 ? first : evaluate(next);
    if (value.is_error()) return std::nullopt;
    ++next;
    return normalised(cel::to_json(value), *assignment.attribute).dump();
  };
  const auto passed = chooser_->choose(person, assignment.path, offers);
  if (!passed) return cel::Value::error("unique(): somebody else holds every candidate", bindings_.arena());
  return evaluate(*passed);
}

tl::expected<std::vector<std::string>, RuleFailure> AccountEvaluator::match_values(const Person& person) {
  bind(person);
  std::vector<std::string> values;
  for (const AccountProgram::Match& match : program_.matches_) {
    const cel::Value value = match.program.evaluate(bindings_);
    if (value.is_error()) return tl::unexpected(explain(match.rule->person, match.program, value));
    values.emplace_back(value.is_string() ? value.as_string() : std::string_view());
  }
  return values;
}

RuleFailure AccountEvaluator::explain(const Expression& expression, const cel::Program& program,
                                      const cel::Value& error) {
  return explain_failure(expression, program, error, "person", seen_);
}

}  // namespace usher
