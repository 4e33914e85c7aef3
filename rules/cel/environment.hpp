#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/cel/type.hpp"

namespace usher::cel {

/// What an expression may refer to: variables, which get slots in the order of their declaration, and tables
/// for lookup(). Copyable and cheap to copy; programs compiled against it keep what they need of it.
class Environment {
 public:
  using Slot = std::uint32_t;
  using Rows = std::map<std::string, std::string>;

  /// A table and where to find its rows.
  struct Table {
    std::shared_ptr<const Rows> rows;
    std::unordered_map<std::string_view, std::string_view> index;
  };

  /// Declares a variable. A name may have dots (`account.owner`): the longest declared name wins over a
  /// field. Throws std::invalid_argument when the name is declared already.
  Slot declare(std::string name, Type type);
  /// Adds a table for `lookup("name", key)`; one of the same name is replaced.
  void table(std::string name, std::shared_ptr<const Rows> rows);

  std::optional<Slot> find(std::string_view name) const;
  std::size_t size() const { return variables_.size(); }
  const std::string& name(Slot slot) const { return variables_[slot].first; }
  const Type& type(Slot slot) const { return variables_[slot].second; }
  std::shared_ptr<const Table> find_table(std::string_view name) const;
  std::vector<std::string_view> table_names() const;

 private:
  std::vector<std::pair<std::string, Type>> variables_;
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables_;
};

}  // namespace usher::cel
