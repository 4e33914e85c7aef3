#include "rules/compile.hpp"

namespace usher {

std::optional<cel::Program> ExpressionCompiler::compile(const Expression& expression,
                                                        const cel::Environment& environment,
                                                        const cel::Type& wanted) {
  if (!expression.given()) return std::nullopt;
  // JSON is CEL: a constant is compiled like everything else.
  const std::string& source = expression.constant ? *expression.constant : expression.source;
  auto program = cel::Program::compile(source, environment, wanted);
  if (program) return std::move(*program);
  for (const cel::Diagnostic& wrong : program.error())
    mistake(place_in(expression, wrong.offset, config_.lines), wrong.message);
  return std::nullopt;
}

void ExpressionCompiler::mistake(const SourceLocation& place, std::string message) {
  mistakes_.push_back({place, std::move(message), line(place.line)});
}

std::string ExpressionCompiler::line(int number) const {
  const auto index = static_cast<std::size_t>(number) - 1;
  return number >= 1 && index < config_.lines.size() ? config_.lines[index] : std::string();
}

}  // namespace usher
