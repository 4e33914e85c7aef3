#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace usher::sandbox {

/// Rows in the order of their `serial`. A page costs its length, a row taken out one move of pointers.
template <class Row>
class Order {
 public:
  std::size_t size() const { return rows_.size(); }
  Row& operator[](std::size_t position) const { return *rows_[position]; }
  /// How many rows come before `serial`.
  std::size_t before(std::int64_t serial) const {
    return static_cast<std::size_t>(place(serial) - rows_.begin());
  }

  void insert(Row& row) {
    if (rows_.empty() || rows_.back()->serial < row.serial)
      rows_.push_back(&row);
    else
      rows_.insert(place(row.serial), &row);
  }

  void erase(const Row& row) {
    if (const auto at = place(row.serial); at != rows_.end() && *at == &row) rows_.erase(at);
  }

  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  auto place(std::int64_t serial) const {
    return std::lower_bound(rows_.begin(), rows_.end(), serial,
                            [](const Row* row, std::int64_t wanted) { return row->serial < wanted; });
  }

  std::vector<Row*> rows_;
};

/// Rows that are found by `id` and kept in the order they were added. A Row has `std::string id` (which never
/// changes) and `std::int64_t serial`. Addresses of rows are stable. Not locked.
template <class Row>
class Table {
 public:
  std::size_t size() const { return order_.size(); }
  void reserve(std::size_t rows) { rows_.reserve(rows); }
  const Order<Row>& order() const { return order_; }
  Row& operator[](std::size_t position) const { return order_[position]; }

  /// Adds behind all others, or before them. Throws std::invalid_argument when the id is taken.
  Row& add(Row row, bool first = false) {
    if (rows_.contains(row.id)) throw std::invalid_argument("the id " + row.id + " is there twice");
    row.serial = first ? --first_ : ++last_;
    auto owned = std::make_unique<Row>(std::move(row));
    Row& added = *owned;
    rows_.emplace(added.id, std::move(owned));
    order_.insert(added);
    return added;
  }

  Row* find(std::string_view id) const {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : found->second.get();
  }

  /// Places a row behind all others.
  void move_last(Row& row) {
    order_.erase(row);
    row.serial = ++last_;
    order_.insert(row);
  }

  void erase(const Row& row) {
    order_.erase(row);
    rows_.erase(rows_.find(row.id));
  }

 private:
  std::unordered_map<std::string_view, std::unique_ptr<Row>> rows_;
  Order<Row> order_;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
};

}  // namespace usher::sandbox
