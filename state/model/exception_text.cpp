#include "state/model/exception_text.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>

namespace usher {

namespace {

using nlohmann::json;

constexpr int not_utf8 = 316;

}  // namespace

std::string text_of(const std::exception& error) {
  if (const auto* parse = dynamic_cast<const json::parse_error*>(&error))
    return fmt::format("this is not JSON: byte {} cannot stand where it does", parse->byte);
  if (const auto* type = dynamic_cast<const json::type_error*>(&error);
      type != nullptr && type->id == not_utf8)
    return "a text is not UTF-8";
  if (dynamic_cast<const json::exception*>(&error) != nullptr)
    return "JSON does not hold what it must hold here";
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "There is not enough memory for this.";
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
    return fmt::format("{}: {}", file->path1().string(), file->code().message());
  return error.what();
}

}  // namespace usher
