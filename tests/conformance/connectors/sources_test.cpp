#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "connectors/registry.hpp"
#include "engine/check/checks.hpp"

// What every connector that reads a file must do: the sentences of the suite for recipes, as far as they
// apply to something that is only read.
namespace usher {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Rows = std::vector<std::pair<std::string, std::string>>;  // key and name

std::string as_csv(const Rows& rows) {
  std::string text = "key,name\n";
  for (const auto& [key, name] : rows) text += key + "," + name + "\n";
  return text;
}

std::string as_json(const Rows& rows) {
  json all = json::array();
  for (const auto& [key, name] : rows) all.push_back({{"key", key}, {"name", name}});
  return all.dump(1);
}

std::string as_ndjson(const Rows& rows) {
  std::string text;
  for (const auto& [key, name] : rows) text += json{{"key", key}, {"name", name}}.dump() + "\n";
  return text;
}

std::string as_yaml(const Rows& rows) {
  std::string text = "# people\n";
  for (const auto& [key, name] : rows) text += "- key: \"" + key + "\"\n  name: \"" + name + "\"\n";
  return text;
}

/// One kind of file: how it is written, and a record in it that cannot be read.
struct Kind {
  std::string name;
  std::string (*text)(const Rows&);
  std::string bad;
  bool ends_show = false;  ///< a file that ends too early can be told from a whole one
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.name;
}

class Sources : public testing::TestWithParam<Kind> {
 protected:
  Sources() {
    std::string pattern = (fs::temp_directory_path() / "usher-sources-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder = pattern;
  }
  ~Sources() override {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  static Rows people(std::size_t count) {
    Rows rows;
    for (std::size_t i = 0; i < count; ++i)
      rows.emplace_back("E" + std::to_string(i), "Person " + std::to_string(i));
    return rows;
  }
  /// More than one page, whatever the format.
  static Rows many() { return people(60'000); }

  void write(const std::string& text) const { std::ofstream(folder / "people", std::ios::binary) << text; }
  void write(const Rows& rows) const { write(GetParam().text(rows)); }

  std::unique_ptr<Connector> connect(const std::string& bad_rows = "stop") const {
    Settings settings;
    settings.platform = "hr";
    settings.connector = GetParam().name;
    settings.directory = folder.string();
    settings.options["path"].text = "people";
    settings.options["key"].text = "key";
    settings.options["bad-rows"].text = bad_rows;
    auto made = make_connector(settings, {});
    if (!made) throw std::runtime_error(made.error().front().message);
    return std::move(*made);
  }

  static std::set<std::string> ids(const Pulled& pulled) {
    std::set<std::string> all;
    for (const auto& [id, digest] : pulled.digests) all.insert(id);
    return all;
  }

  fs::path folder;
};

INSTANTIATE_TEST_SUITE_P(Files, Sources,
                         testing::Values(Kind{"csv", as_csv, "one,two,three\n", false},
                                         Kind{"json", as_json, "", true},
                                         Kind{"ndjson", as_ndjson, "{\"key\":\n", false},
                                         Kind{"yaml", as_yaml, "- key: [\n", false}),
                         [](const auto& one) { return one.param.name; });

TEST_P(Sources, ReadEverybodyOnce) {
  write(many());
  const Pulled pulled = pull_all(*connect(), {});
  EXPECT_EQ(pulled.objection(), "");
  EXPECT_EQ(pulled.digests.size(), 60'000U);
  EXPECT_GT(pulled.completeness.pages(), 1U);
}

TEST_P(Sources, PassTheirTrial) {
  write(people(50));
  const auto connector = connect();
  TrialOptions options;
  options.write = true;
  const ConnectorCheck trial = try_connector(*connector, options, {});
  EXPECT_GT(trial.checks.size(), 8U);
  for (const CheckResult& check : trial.checks)
    EXPECT_NE(check.result, CheckResult::Result::failed) << check.name << ": " << check.why;
  EXPECT_EQ(trial.left_behind, "");
}

// The same records in another order are the same records.
TEST_P(Sources, SayTheSameInAnyOrder) {
  Rows rows = people(300);
  write(rows);
  const auto first = pull_all(*connect(), {}).digests;
  std::reverse(rows.begin(), rows.end());
  write(rows);
  EXPECT_EQ(pull_all(*connect(), {}).digests, first);
}

TEST_P(Sources, NeverBelieveABrokenFile) {
  const auto no_proof = [&](const std::string& what) {
    const Pulled pulled = pull_all(*connect(), {});
    EXPECT_NE(pulled.objection(), "") << what;
    EXPECT_EQ(pulled.objection().find('\n'), std::string::npos) << what;
  };
  const std::string whole = GetParam().text(people(300));
  fs::remove(folder / "people");
  no_proof("no file");
  write("");
  no_proof("an empty file");
  write(Rows{});
  no_proof("a file without records");
  write(std::string("\0\xff\xfe garbage \x01", 14));
  no_proof("garbage");
  Rows twice = people(300);
  twice.push_back(twice.front());
  write(twice);
  no_proof("a key that stands twice");
  Rows keyless = people(300);
  keyless[200].first = "";
  write(keyless);
  no_proof("a record without a key");
  if (GetParam().ends_show) {
    write(whole.substr(0, whole.size() - 40));
    no_proof("half a file");
  }
  if (!GetParam().bad.empty()) {
    write(whole + GetParam().bad);
    no_proof("a record that cannot be read");
  }
}

// Bad records that are set aside are counted, named, and no proof that anybody is absent.
TEST_P(Sources, SetAsideWhatTheyAreToldTo) {
  Rows rows = people(300);
  rows[200].first = "";
  write(rows);
  const Pulled pulled = pull_all(*connect("quarantine"), {});
  EXPECT_EQ(pulled.digests.size(), 299U);
  EXPECT_EQ(pulled.completeness.bad_count(), 1U);
  EXPECT_NE(pulled.objection(), "");
  EXPECT_FALSE(pulled.failure);
}

// Two halves of two files are no file.
TEST_P(Sources, NoticeThatTheFileChangesWhileTheyReadIt) {
  write(many());
  const auto connector = connect();
  const std::string before = connector->signature();
  const auto first = connector->fetch("", {});
  ASSERT_TRUE(first) << describe(first.error());
  ASSERT_FALSE(first->next.empty());
  write(people(59'999));
  EXPECT_FALSE(connector->fetch(first->next, {}));
  EXPECT_NE(connector->signature(), before);
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(pull_all(*connector, {}).digests.size(), 59'999U);
}

TEST_P(Sources, StopWithinAPage) {
  write(many());
  std::stop_source stop;
  stop.request_stop();
  const auto page = connect()->fetch("", stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, FailureKind::stopped);
}

TEST_P(Sources, WriteNothing) {
  write(people(3));
  const auto connector = connect();
  const Capabilities& can = connector->capabilities();
  EXPECT_FALSE(can.create || can.enable || can.disable || can.lock || can.remove || !can.updates.empty());
  for (const OperationKind kind : {OperationKind::create, OperationKind::update, OperationKind::remove}) {
    Operation operation;
    operation.kind = kind;
    operation.account = "E1";
    const auto receipt = connector->apply(operation, {}, {});
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, FailureKind::unsupported);
    EXPECT_FALSE(receipt.error().may_have_happened);
  }
}

}  // namespace
}  // namespace usher
