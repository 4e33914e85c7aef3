#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "engine/workspace/workspace.hpp"
#include "rules/cel/program.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One expression, evaluated for somebody who writes rules.
struct Evaluation {
  std::string value;  ///< canonical JSON; empty when it failed
  std::string type;   ///< "string", "list(string)": of the value, known before or only now
  std::string error;  ///< why there is no value
  std::vector<cel::Program::Step>
      steps;  ///< every sub-expression in the order it was evaluated; last the whole
};

/// What an expression is evaluated with.
class EvaluationScope {
 public:
  /// Only `now`, and each member of an object as a variable. A member `now` is RFC 3339 text. Throws
  /// CommandError(usage) for a name that no variable can have.
  explicit EvaluationScope(const nlohmann::json& variables);
  /// Of a person: `record`, `person`, and with a platform `account` (null: none), the tables of the
  /// configuration, unique() as it would choose now. key: the person's id or that of their record. Throws
  /// CommandError(failed) when the state knows no such person. Setup and database must outlive it.
  EvaluationScope(Database& database, const Workspace& setup, const std::string& key,
                  const std::string& platform, const nlohmann::json& variables);
  ~EvaluationScope();
  EvaluationScope(const EvaluationScope&) = delete;
  EvaluationScope& operator=(const EvaluationScope&) = delete;

  /// An expression that cannot work has mistakes, located in "expression" with line and column.
  tl::expected<Evaluation, std::vector<Diagnostic>> evaluate(const std::string& expression);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace usher
