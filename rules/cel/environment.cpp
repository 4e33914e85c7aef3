#include "rules/cel/environment.hpp"

#include <stdexcept>

namespace usher::cel {

Environment::Slot Environment::declare(std::string name, Type type) {
  if (find(name)) throw std::invalid_argument("the variable '" + name + "' is declared twice");
  variables_.emplace_back(std::move(name), std::move(type));
  return static_cast<Slot>(variables_.size() - 1);
}

void Environment::table(std::string name, std::shared_ptr<const Rows> rows) {
  auto table = std::make_shared<Table>();
  for (const auto& [key, value] : *rows) table->index.emplace(key, value);
  table->rows = std::move(rows);
  tables_.insert_or_assign(std::move(name), std::move(table));
}

std::optional<Environment::Slot> Environment::find(std::string_view name) const {
  for (std::size_t slot = 0; slot < variables_.size(); ++slot) {
    if (variables_[slot].first == name) return static_cast<Slot>(slot);
  }
  return std::nullopt;
}

std::shared_ptr<const Environment::Table> Environment::find_table(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second;
}

std::vector<std::string_view> Environment::table_names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, table] : tables_) names.emplace_back(name);
  return names;
}

}  // namespace usher::cel
