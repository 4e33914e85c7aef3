#include "rules/cel/type.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace usher::cel {

struct Type::Shape {
  std::vector<Type> parameters;
  std::vector<Field> fields;
  bool plain_names = false;
};

namespace {

struct Names {
  std::string_view formal, plain;
};

constexpr std::array<Names, 18> names{{{"absent", "nothing"},
                                       {"error", "error"},
                                       {"null_type", "null"},
                                       {"bool", "bool"},
                                       {"int", "int"},
                                       {"uint", "uint"},
                                       {"double", "double"},
                                       {"string", "string"},
                                       {"bytes", "bytes"},
                                       {"google.protobuf.Timestamp", "timestamp"},
                                       {"google.protobuf.Duration", "duration"},
                                       {"list", "list"},
                                       {"map", "map"},
                                       {"map", "object"},
                                       {"optional_type", "optional"},
                                       {"type", "type"},
                                       {"dyn", "dyn"},
                                       {"parameter", "parameter"}}};

}  // namespace

std::string_view type_name(Kind kind) {
  return names[static_cast<std::size_t>(kind)].formal;
}

std::string_view plain_name(Kind kind) {
  return names[static_cast<std::size_t>(kind)].plain;
}

Type Type::list(Type element) {
  Type type(Kind::list);
  type.shape_ = std::make_shared<Shape>(Shape{{std::move(element)}, {}, false});
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(Kind::map);
  type.shape_ = std::make_shared<Shape>(Shape{{std::move(key), std::move(value)}, {}, false});
  return type;
}

Type Type::optional(Type value) {
  Type type(Kind::optional);
  type.shape_ = std::make_shared<Shape>(Shape{{std::move(value)}, {}, false});
  return type;
}

Type Type::object(std::vector<Field> fields) {
  auto by_name = [](const Field& a, const Field& b) { return a.first < b.first; };
  std::sort(fields.begin(), fields.end(), by_name);
  for (std::size_t i = 1; i < fields.size(); ++i) {
    if (fields[i - 1].first == fields[i].first) {
      throw std::invalid_argument("an object cannot have two fields named '" + fields[i].first + "'");
    }
  }
  const bool plain = std::all_of(fields.begin(), fields.end(), [](const Field& field) {
    return std::none_of(field.first.begin(), field.first.end(),
                        [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; });
  });
  Type type(Kind::object);
  type.shape_ = std::make_shared<Shape>(Shape{{}, std::move(fields), plain});
  return type;
}

Type Type::parameter(char name) {
  Type type(Kind::parameter);
  type.letter_ = name;
  return type;
}

const Type& Type::at(std::size_t index) const {
  static const Type any = dyn();
  static const Type name = string();
  if (kind_ == Kind::object) return index == 0 ? name : any;
  return shape_ && index < shape_->parameters.size() ? shape_->parameters[index] : any;
}

Type Type::value() const {
  if (kind_ != Kind::object) return at(1);
  if (fields().empty()) return dyn();
  Type common = fields().front().second;
  for (const auto& [name, type] : fields()) common = join(common, type);
  return common;
}

const std::vector<Type::Field>& Type::fields() const {
  static const std::vector<Field> none;
  return shape_ ? shape_->fields : none;
}

std::optional<std::uint32_t> Type::slot(std::string_view field) const {
  const auto& all = fields();
  auto found = std::lower_bound(all.begin(), all.end(), field,
                                [](const Field& a, std::string_view name) { return a.first < name; });
  if (found == all.end() || found->first != field) return std::nullopt;
  return static_cast<std::uint32_t>(found - all.begin());
}

bool Type::has_plain_names() const {
  return shape_ && shape_->plain_names;
}

std::string Type::to_string() const {
  if (kind_ == Kind::parameter) return {letter_};
  std::string text(plain_name(kind_));
  if (!shape_ || kind_ == Kind::object) return text;
  char separator = '(';
  for (const Type& parameter : shape_->parameters) {
    text += separator;
    if (separator == ',') text += ' ';
    text += parameter.to_string();
    separator = ',';
  }
  return text + ')';
}

bool Type::accepts(const Type& other) const {
  if (kind_ == Kind::dyn || other.kind_ == Kind::dyn) return true;
  if (kind_ == Kind::map && other.kind_ == Kind::object) {
    return element().accepts(string()) &&
           std::all_of(other.fields().begin(), other.fields().end(),
                       [this](const Field& field) { return value().accepts(field.second); });
  }
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::list:
    case Kind::optional:
      return element().accepts(other.element());
    case Kind::map:
      return element().accepts(other.element()) && value().accepts(other.value());
    case Kind::object:
      return *this == other;
    case Kind::parameter:
      return letter_ == other.letter_;
    default:
      return true;
  }
}

bool Type::is_certain() const {
  if (kind_ == Kind::dyn || kind_ == Kind::parameter) return false;
  if (!shape_) return true;
  return std::all_of(shape_->parameters.begin(), shape_->parameters.end(),
                     [](const Type& type) { return type.is_certain(); }) &&
         std::all_of(shape_->fields.begin(), shape_->fields.end(),
                     [](const Field& field) { return field.second.is_certain(); });
}

Type Type::join(const Type& left, const Type& right) {
  if (left == right) return left;
  if (left.kind_ != right.kind_) return dyn();
  switch (left.kind_) {
    case Kind::list:
      return list(join(left.element(), right.element()));
    case Kind::optional:
      return optional(join(left.element(), right.element()));
    case Kind::map:
      return map(join(left.element(), right.element()), join(left.value(), right.value()));
    default:
      return dyn();
  }
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_ || letter_ != other.letter_) return false;
  if (shape_ == other.shape_) return true;
  if (!shape_ || !other.shape_) return false;
  return shape_->parameters == other.shape_->parameters && shape_->fields == other.shape_->fields;
}

}  // namespace usher::cel
