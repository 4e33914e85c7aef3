#include "rules/orphan_exception.hpp"

namespace usher {

OrphanException::OrphanException(const AccountProgram& program)
    : program_(program), bindings_(program.account_environment()) {}

tl::expected<bool, std::string> OrphanException::excepts(const nlohmann::json& account) {
  const auto& exception = program_.orphan_exception();
  if (!exception) return false;
  bindings_.reset();
  const cel::Value seen = cel::from_json(account, bindings_.arena());
  bindings_.set(program_.account_slot(), seen);
  const cel::Value result = exception->evaluate(bindings_);
  const Expression& rule = program_.rules().orphans.except;
  if (result.is_error())
    return tl::unexpected(explain_failure(rule, *exception, result, "account", seen).message);
  if (!result.is_bool())
    return tl::unexpected(rule.place.to_string() + ": orphans.except must be true or false");
  return result.as_bool();
}

}  // namespace usher
