#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/cel/program.hpp"
#include "rules/config.hpp"

namespace usher {

/// Compiles the expressions of one configuration and collects what is wrong with them, located in its file.
class ExpressionCompiler {
 public:
  explicit ExpressionCompiler(const Config& config) : config_(config) {}

  /// Compiles an expression or a constant. nullopt when it is wrong (then mistakes() grew) or not written at
  /// all.
  std::optional<cel::Program> compile(const Expression& expression, const cel::Environment& environment,
                                      const cel::Type& wanted);

  /// Adds a mistake that is not one of an expression.
  void mistake(const SourceLocation& place, std::string message);

  std::vector<Diagnostic>& mistakes() { return mistakes_; }

 private:
  std::string line(int number) const;

  const Config& config_;
  std::vector<Diagnostic> mistakes_;
};

}  // namespace usher
