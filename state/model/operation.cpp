#include "state/model/operation.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace usher {

namespace {

constexpr std::array<std::pair<OperationKind, const char*>, 9> kinds{{
    {OperationKind::create, "create"},
    {OperationKind::enable, "enable"},
    {OperationKind::update, "update"},
    {OperationKind::add_membership, "add-membership"},
    {OperationKind::change_membership, "change-membership"},
    {OperationKind::remove_membership, "remove-membership"},
    {OperationKind::disable, "disable"},
    {OperationKind::lock, "lock"},
    {OperationKind::remove, "delete"},
}};

}  // namespace

const char* to_string(OperationKind kind) {
  return kinds.at(static_cast<std::size_t>(kind)).second;
}

OperationKind operation_kind(std::string_view name) {
  for (const auto& [kind, text] : kinds) {
    if (name == text) return kind;
  }
  throw std::invalid_argument("unknown kind of operation '" + std::string(name) + "'");
}

bool takes_away(OperationKind kind) {
  return kind == OperationKind::remove_membership || kind == OperationKind::disable ||
         kind == OperationKind::lock || kind == OperationKind::remove;
}

}  // namespace usher
