#include "engine/migrate/export.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "connectors/registry.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

/// A platform with three accounts, an account of each kind of oddity.
class Dump : public ::testing::Test {
 protected:
  Dump() {
    const auto attribute = [&](const std::string& path, AttributeType type) {
      Attribute made;
      made.path = path;
      made.type = type;
      can_.schema.attributes.push_back(made);
    };
    attribute("credentials.identity", AttributeType::string);
    attribute("credentials.secret", AttributeType::string);
    can_.schema.attributes.back().secret = true;
    attribute("metadata", AttributeType::object);
    attribute("name", AttributeType::string);
    attribute("tags", AttributeType::set);
    EntitlementKind group;
    group.name = "group";
    can_.entitlements.push_back(group);

    Account ada = test::account(
        "a2",
        R"({"credentials":{"identity":"ada@example.com"},"metadata":{"no":"0x1"},"name":"Ada, \"the\" first","tags":["b","c"]})");
    ada.memberships = R"({"group":{"g1":["read"],"g9":[]}})";
    Account zoe = test::account("a1", R"({"name":"Zoë","tags":["one;two"]})");
    zoe.active = false;
    SnapshotWriter writer(database_, platform_);
    writer.add(test::prepared(database_, {ada, zoe, test::account("yes")}));
    Publication publication = test::sealed();
    publication.entitlements = {{"group", "g1", "engineers", ""}};
    writer.publish(publication);
  }

  std::string dumped(DumpFormat format) {
    Snapshots snapshots(database_.connection());
    std::string text;
    const Source source = source_of("iot", platform_, can_, database_.connection());
    EXPECT_EQ(dump(snapshots, source, can_.schema, format, [&](std::string_view part) { text += part; }), 3U);
    return text;
  }

  /// What the source of a format reads out of a dump: key and attributes of each record.
  std::vector<std::pair<std::string, std::string>> read_back(const std::string& connector,
                                                             const std::string& text) {
    std::ofstream(folder_.path() / "dump", std::ios::binary) << text;
    Settings settings;
    settings.platform = "file";
    settings.connector = connector;
    settings.directory = folder_.path().string();
    settings.options["path"].text = "dump";
    settings.options["key"].text = "id";
    auto made = make_connector(settings, {});
    std::vector<std::pair<std::string, std::string>> records;
    const auto page = (*made)->fetch("", {});
    if (!page) {
      ADD_FAILURE() << page.error().message;
      return records;
    }
    for (const Account& account : page->accounts) records.emplace_back(account.id, account.attributes);
    return records;
  }

  test::ScratchFolder folder_;
  Database database_{folder_.state(), Access::write};
  PlatformId platform_ = database_.platform("iot");
  Capabilities can_;
};

TEST_F(Dump, WritesCsv) {
  EXPECT_EQ(
      dumped(DumpFormat::csv),
      "id,active,credentials.identity,metadata,name,tags,groups\n"
      "a1,false,,,Zoë,\"[\"\"one;two\"\"]\",\n"
      "a2,true,ada@example.com,\"{\"\"no\"\":\"\"0x1\"\"}\",\"Ada, \"\"the\"\" first\",b;c,engineers;g9\n"
      "yes,true,,,,,\n");
}

TEST_F(Dump, WritesYaml) {
  EXPECT_EQ(dumped(DumpFormat::yaml),
            "- active: false\n  groups: []\n  id: a1\n  name: \"Zoë\"\n  tags: [\"one;two\"]\n"
            "- active: true\n  credentials:\n    identity: ada@example.com\n  groups: "
            "[\"engineers\",\"g9\"]\n  id: a2\n"
            "  metadata:\n    \"no\": \"0x1\"\n  name: \"Ada, \\\"the\\\" first\"\n  tags: [\"b\",\"c\"]\n"
            "- active: true\n  groups: []\n  id: \"yes\"\n");
}

TEST_F(Dump, IsReadBackAsWhatThePlatformHeld) {
  const std::vector<std::pair<std::string, std::string>> records = {
      {"a1", R"({"active":false,"groups":[],"id":"a1","name":"Zoë","tags":["one;two"]})"},
      {"a2",
       R"({"active":true,"credentials":{"identity":"ada@example.com"},"groups":["engineers","g9"],"id":"a2","metadata":{"no":"0x1"},"name":"Ada, \"the\" first","tags":["b","c"]})"},
      {"yes", R"({"active":true,"groups":[],"id":"yes"})"}};
  EXPECT_EQ(read_back("json", dumped(DumpFormat::json)), records);
  EXPECT_EQ(read_back("yaml", dumped(DumpFormat::yaml)), records);
  const auto cells = read_back("csv", dumped(DumpFormat::csv));
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(
      cells[1].second,
      R"({"active":"true","credentials.identity":"ada@example.com","groups":"engineers;g9","id":"a2","metadata":"{\"no\":\"0x1\"}","name":"Ada, \"the\" first","tags":"b;c"})");
}

TEST_F(Dump, TellsWhatMembershipsAllowWhereTheyHaveDetails) {
  can_.entitlements.front().details = {"read", "write"};
  const std::string text = dumped(DumpFormat::json);
  EXPECT_NE(text.find(R"("memberships":{"group":{"engineers":["read"],"g9":[]}})"), std::string::npos)
      << text;
  EXPECT_EQ(read_back("yaml", dumped(DumpFormat::yaml)), read_back("json", text));
  EXPECT_EQ(dumped(DumpFormat::csv).find("memberships"), std::string::npos);
}

}  // namespace
}  // namespace usher
