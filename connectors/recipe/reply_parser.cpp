#include "connectors/recipe/reply_parser.hpp"

#include <fmt/format.h>

#include "connectors/json_repair.hpp"

namespace usher::recipe {

using simdjson::dom::element;

namespace {

constexpr std::size_t deepest_reply = 200;

simdjson::error_code parse_within(simdjson::dom::parser& parser, const char* text, std::size_t size,
                                  bool copy, element& document) {
  // What a parser allocates anew it allocates for so many levels.
  if (parser.max_depth() != deepest_reply) {
    if (const auto error = parser.allocate(std::max<std::size_t>(size, 64 << 10), deepest_reply))
      return error;
  }
  return parser.parse(text, size, copy).get(document);
}

bool may_be_repaired(simdjson::error_code error) {
  return error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR ||
         error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS ||
         error == simdjson::TAPE_ERROR || error == simdjson::N_ATOM_ERROR ||
         error == simdjson::INCORRECT_TYPE;
}

}  // namespace

Outcome<element> ReplyParser::parse(const Reply& reply) {
  const std::string& body = reply.response.body;
  marked_.reset();
  element document;
  const std::size_t start = body.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const bool has_room = body.capacity() - body.size() >= simdjson::SIMDJSON_PADDING;
  auto error = parse_within(parser_, body.data() + start, body.size() - start, !has_room, document);
  if (may_be_repaired(error)) {
    if (const auto repaired = repair_json(std::string_view(body).substr(start))) {
      error = parse_within(parser_, repaired->text.data(), repaired->text.size(), true, document);
      element other;
      if (error == simdjson::SUCCESS &&
          parse_within(of_marked_, repaired->marked.data(), repaired->marked.size(), true, other) ==
              simdjson::SUCCESS)
        marked_ = other;
    }
  }
  if (error == simdjson::SUCCESS) return document;
  Failure failure;
  failure.kind = FailureKind::malformed;
  failure.status = reply.response.status;
  failure.request = reply.shown;
  failure.message = body.empty() ? "the reply is empty"
                    : error == simdjson::DEPTH_ERROR
                        ? fmt::format("the reply nests more than {} levels deep", deepest_reply)
                        : std::string("the reply is no JSON: ") + error_message(error);
  return tl::unexpected(std::move(failure));
}

}  // namespace usher::recipe
