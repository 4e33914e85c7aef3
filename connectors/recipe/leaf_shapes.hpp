#pragma once

#include "rules/yaml/shape.hpp"

namespace usher::recipe {

/// The shapes of values that stand in many places of a recipe. They point at each other, so they stay where
/// they are.
struct LeafShapes {
  using Form = Shape::Form;

  Shape text{.form = Form::option, .expects = "a text"};
  Shape text_list{.form = Form::list, .expects = "a list of texts", .items = &text};
  Shape texts{.form = Form::either,
              .expects = "a text or a list of texts",
              .alternatives = {&text, &text_list},
              .name = "texts"};
  Shape path{.form = Form::option, .expects = "a path in JSON"};
  Shape boolean{.form = Form::boolean, .expects = "true or false"};

  Shape seconds{.form = Form::number, .expects = "seconds", .least = 0, .most = 2'592'000};
  Shape duration_text{.form = Form::pattern,
                      .expects = "a duration such as 500ms, 30s, 5m or 1h",
                      .pattern = "([0-9]+\\.?[0-9]*|\\.[0-9]+)(ms|s|m|h|d)?"};
  Shape duration{.form = Form::either,
                 .expects = "a duration such as 500ms, 30s, 5m or 1h",
                 .alternatives = {&seconds, &duration_text},
                 .name = "duration"};

  Shape code{.form = Form::code, .expects = "an expression"};  ///< a condition, or a list that it computes
  Shape nothing{.form = Form::nothing, .expects = "nothing"};
  Shape expression{.form = Form::either,
                   .expects = "an expression",
                   .alternatives = {&code, &nothing},
                   .name = "expression"};
  Shape body_list{.form = Form::list, .expects = "a list", .items = &body};
  Shape body_map{.form = Form::object, .expects = "a map", .rest = &body};
  Shape body{.form = Form::either,
             .expects = "any structure whose leaves are expressions",
             .alternatives = {&code, &nothing, &body_list, &body_map},
             .name = "body"};

  /// A text with expressions in braces.
  Shape filled{.form = Form::option, .expects = "a text with expressions in braces"};
  Shape filled_map{.form = Form::object,
                   .expects = "a map from names to texts with expressions in braces",
                   .rest = &filled,
                   .name = "texts-by-name"};
  Shape filled_list{.form = Form::list, .expects = "a list of texts", .items = &filled};
  Shape filled_or_list{
      .form = Form::either, .expects = "a text or a list of texts", .alternatives = {&filled, &filled_list}};
  Shape filter_paths{.form = Form::object, .expects = "a map from paths to texts", .rest = &filled_or_list};
  Shape filter{.form = Form::either,
               .expects = "a text, a list of texts, or a map from paths to either",
               .alternatives = {&filled, &filled_list, &filter_paths},
               .name = "filter"};

  Shape any{.form = Form::any, .expects = "any value"};
  Shape values{.form = Form::object, .expects = "a map from attributes to values", .rest = &any};

  LeafShapes() = default;
  LeafShapes(const LeafShapes&) = delete;
  LeafShapes& operator=(const LeafShapes&) = delete;

  static const LeafShapes& all() {
    static const LeafShapes shapes;
    return shapes;
  }
};

}  // namespace usher::recipe
