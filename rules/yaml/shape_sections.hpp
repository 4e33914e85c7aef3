#pragma once

#include <string>
#include <vector>

#include "rules/yaml/shape.hpp"

namespace usher {

/// What a manual tells of one map: a table of its keys. All texts may hold `code` in backquotes.
struct ShapeSection {
  struct Entry {
    std::string name;   ///< a key; of a map whose keys are free, "any name" or "any other"
    bool free = false;  ///< the name stands for names of the user's own
    bool required = false;
    std::string value;  ///< "a text"
    std::string about;
  };
  std::string title;  ///< where the map stands, `user.create`, or the name of its shape; empty: the root
  std::string about;
  std::string before;  ///< a sentence before the table; may be empty
  std::vector<Entry> entries;
  std::string after;  ///< a sentence behind it; may be empty
};

/// One section for every map in a shape, in the order of its keys; a shape with a name is told once. What is
/// no map itself, such as an expression, has no section where it has a name.
std::vector<ShapeSection> sections_of(const Shape& root);

}  // namespace usher
