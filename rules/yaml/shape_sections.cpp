#include "rules/yaml/shape_sections.hpp"

#include <algorithm>
#include <set>

namespace usher {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "`" : ", `") + name + "`";
  return all;
}

/// Goes through shapes and keeps a section for every map.
class Walk {
 public:
  std::vector<ShapeSection> through(const Shape& root) {
    section(root, "");
    return std::move(sections_);
  }

 private:
  static bool is_of(const Shape* like, const Key& key) {
    return like != nullptr && std::any_of(like->keys.begin(), like->keys.end(),
                                          [&](const Key& known) { return known.name == key.name; });
  }

  void section(const Shape& shape, const std::string& path) {
    ShapeSection made{.title = shape.name.empty() || path.empty() ? path : shape.name,
                      .about = shape.about,
                      .before = {},
                      .entries = {},
                      .after = {}};
    if (shape.like != nullptr) made.before = "The keys of `" + shape.like->name + "`, and:";
    for (const Key& key : shape.keys) {
      if (is_of(shape.like, key)) continue;
      made.entries.push_back({.name = key.name,
                              .free = false,
                              .required = key.required,
                              .value = key.shape->expects,
                              .about = key.about.empty() ? key.shape->about : key.about});
    }
    if (shape.rest != nullptr)
      made.entries.push_back({.name = shape.keys.empty() ? "any name" : "any other",
                              .free = true,
                              .required = false,
                              .value = shape.rest->expects,
                              .about = shape.rest->about});
    if (!shape.one_of.empty()) made.after = "Exactly one of " + joined(shape.one_of) + " is given.";
    if (!shape.some_of.empty()) made.after = "At least one of " + joined(shape.some_of) + " is given.";
    sections_.push_back(std::move(made));
    if (shape.like != nullptr) enter(*shape.like, path);
    for (const Key& key : shape.keys)
      if (!is_of(shape.like, key)) enter(*key.shape, path.empty() ? key.name : path + "." + key.name);
    if (shape.rest != nullptr) enter(*shape.rest, path + ".NAME");
  }

  void enter(const Shape& shape, const std::string& path) {
    const bool map = shape.form == Shape::Form::object && !shape.expects.empty();
    if (!shape.name.empty() && (!map || !told_.insert(shape.name).second)) return;
    if (map) {
      const bool plain = shape.keys.empty() && shape.rest != nullptr;
      if (plain && shape.rest->form != Shape::Form::object) {
        if (shape.rest->form == Shape::Form::either) enter(*shape.rest, path + ".NAME");
        return;
      }
      return section(shape, path);
    }
    if (shape.items != nullptr && shape.form == Shape::Form::list) enter(*shape.items, path + "[]");
    for (const Shape* one : shape.alternatives) enter(*one, path);
  }

  std::set<std::string> told_;
  std::vector<ShapeSection> sections_;
};

}  // namespace

std::vector<ShapeSection> sections_of(const Shape& root) {
  return Walk().through(root);
}

}  // namespace usher
