// Reads any bytes as a page of accounts, as they are and repaired. What is repaired needs no second repair,
// and an account that was read is JSON.

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "connectors/account_reader.hpp"
#include "connectors/canonical.hpp"
#include "connectors/json_repair.hpp"
#include "connectors/json_view.hpp"
#include "state/model/json_text.hpp"

namespace {

using namespace usher;

const AccountReader& reader() {
  static const AccountReader instance = [] {
    AccountShape shape;
    shape.id = "id";
    shape.active = {.place = "status", .values = {"\"enabled\""}, .active_when = true};
    const auto add = [&](const char* path, AttributeType type, const char* place) {
      AttributePlace one;
      one.attribute.path = path;
      one.attribute.type = type;
      one.places = {place};
      shape.attributes.push_back(one);
    };
    add("level", AttributeType::integer, "level");
    add("mail", AttributeType::string, "emails[type=work].value");
    add("name", AttributeType::string, "name.0");
    add("tags", AttributeType::set, "tags");
    shape.memberships.push_back({.kind = "group", .place = "groups", .id = "id", .details = "roles.name"});
    return AccountReader(shape);
  }();
  return instance;
}

void read(std::string_view text) {
  simdjson::dom::parser parser;
  if (parser.allocate(64 << 10, 200) != simdjson::SUCCESS) return;
  simdjson::dom::element page;
  if (parser.parse(text.data(), text.size()).get(page) != simdjson::SUCCESS) return;
  const auto scratch = reader().scratch();
  for (const simdjson::dom::element item : view::items(page)) {
    Account account;
    const auto wrong = reader().read(item, account, *scratch);
    if (wrong && !wrong->attribute) continue;
    if (account.id.empty()) std::abort();
    if (nlohmann::json::parse(account.attributes, nullptr, false).is_discarded()) std::abort();
    if (nlohmann::json::parse(account.memberships, nullptr, false).is_discarded()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text);
  if (const auto repaired = repair_json(text)) {
    if (repair_json(repaired->text)) std::abort();
    read(repaired->text);
    read(repaired->marked);
  }
  if (!parse_json(text).is_discarded() && exceeds(text)) std::abort();
  return 0;
}
