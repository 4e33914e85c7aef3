#include "state/model/json_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "state/model/plan_json.hpp"

namespace usher {
namespace {

using nlohmann::json;

json any_value(int depth) {
  switch (*rc::gen::inRange(0, depth == 0 ? 5 : 7)) {
    case 0:
      return *rc::gen::arbitrary<std::string>();  // any bytes
    case 1:
      return *rc::gen::arbitrary<std::int64_t>();
    case 2:
      return *rc::gen::arbitrary<double>();
    case 3:
      return *rc::gen::arbitrary<bool>();
    case 4:
      return nullptr;
    case 5: {
      json list = json::array();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) list.push_back(any_value(depth - 1));
      return list;
    }
    default: {
      json object = json::object();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
        object[*rc::gen::arbitrary<std::string>()] = any_value(depth - 1);
      return object;
    }
  }
}

RC_GTEST_PROP(JsonWriter, WritesWhatDumpWrites, ()) {
  const json value = any_value(3);
  std::string text;
  append_json(text, value);
  RC_ASSERT(text == value.dump(-1, ' ', false, json::error_handler_t::replace));
  RC_ASSERT(indented_json(text, 0) == value.dump(2, ' ', false, json::error_handler_t::replace));
}

TEST(JsonWriter, IndentsEachLineButTheFirst) {
  EXPECT_EQ(indented_json(R"({"a":[],"b":{"c":["}"]}})", 1),
            "{\n    \"a\": [],\n    \"b\": {\n      \"c\": [\n        \"}\"\n      ]\n    }\n  }");
}

TEST(JsonWriter, KeepsTheOrderOfNamesInAnOperation) {
  Operation all;
  all.id = "1";
  all.kind = OperationKind::create;
  all.platform = "iot";
  all.account = "a";
  all.person = "E1";
  all.label = "\xff ada";
  all.route = "profile";
  all.waits_for = {"0"};
  all.credential = "c";
  all.before = {{"b", 1}};
  all.after = {{"a", {{"z", 1}, {"y", nullptr}}}};
  all.was_active = false;
  all.reversal = Reversal::irreversible;
  all.held = true;
  all.held_by = {"iot.create"};
  all.approvals = {"approval 1"};
  all.gives = {{"", "group", "g", {"r"}}};
  all.membership = {"a", "group", "g", {"m"}};
  all.held_details = {"h"};
  std::string text;
  append_json(text, all);
  EXPECT_EQ(text, json::parse(text).dump());
  EXPECT_EQ(json::parse(text).size(), 20U) << "every member";
  std::string again;
  append_json(again, operation_from_json(json::parse(text)));
  EXPECT_EQ(again, text);
}

}  // namespace
}  // namespace usher
