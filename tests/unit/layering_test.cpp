#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace usher {
namespace {

namespace fs = std::filesystem;

/// The floors of the house (docs/architecture.md), a longer path before the shorter one that holds it, each
/// with the floors it may include besides itself.
struct Floor {
  std::string folder;
  std::set<std::string> below;
};

const std::vector<Floor>& floors() {
  static const std::vector<Floor> all{
      {"engine/main", {"engine/cli", "engine/runtime", "state/model"}},
      {"engine/cli",
       {"engine/report", "engine/notify", "engine/answers", "engine/session", "engine/check",
        "engine/migrate", "engine/credentials", "engine/apply", "engine/plan", "engine/desired",
        "engine/pull", "engine/workspace", "engine/runtime", "rules", "rules/yaml", "connectors",
        "state/store", "state/model"}},
      {"engine/report",
       {"engine/notify", "engine/answers", "engine/session", "engine/check", "engine/migrate",
        "engine/credentials", "engine/apply", "engine/pull", "engine/runtime", "rules", "connectors",
        "state/store", "state/model"}},
      {"engine/notify", {"engine/runtime", "rules", "connectors", "state/model"}},
      {"engine/answers",
       {"engine/plan", "engine/desired", "engine/workspace", "engine/runtime", "rules", "rules/cel",
        "connectors", "state/store", "state/model"}},
      {"engine/session",
       {"engine/apply", "engine/plan", "engine/desired", "engine/pull", "engine/credentials",
        "engine/workspace", "engine/runtime", "rules", "connectors", "state/store", "state/model"}},
      {"engine/check",
       {"engine/apply", "engine/desired", "engine/pull", "engine/workspace", "engine/runtime", "rules",
        "connectors", "state/store", "state/model"}},
      {"engine/migrate",
       {"engine/desired", "engine/workspace", "engine/runtime", "rules", "rules/cel", "connectors",
        "state/store", "state/model"}},
      {"engine/credentials",
       {"engine/workspace", "engine/runtime", "rules", "connectors", "state/store", "state/model"}},
      {"engine/apply", {"engine/runtime", "rules", "connectors", "state/store", "state/model"}},
      {"engine/plan",
       {"engine/desired", "engine/runtime", "rules", "rules/cel", "state/store", "state/model"}},
      {"engine/desired",
       {"engine/workspace", "engine/runtime", "rules", "rules/cel", "connectors", "state/store",
        "state/model"}},
      {"engine/pull", {"engine/runtime", "connectors", "state/store", "state/model"}},
      {"engine/workspace", {"engine/runtime", "rules", "connectors", "state/model"}},
      {"engine/runtime", {"state/model"}},
      {"connectors", {"rules/cel", "rules/yaml", "state/model"}},
      {"rules/cel", {"state/model"}},
      {"rules/yaml", {"state/model"}},
      {"rules", {"rules/cel", "rules/yaml", "state/model"}},
      {"state/store", {"state/model"}},
      {"state/model", {}},
      {"examples/sandbox", {}},
  };
  return all;
}

const Floor* floor_of(const std::string& path) {
  for (const Floor& floor : floors())
    if (path.starts_with(floor.folder + "/")) return &floor;
  return nullptr;
}

/// What is wrong with including `included` in `file`, both paths from the root; empty: nothing.
std::string objection(const std::string& file, const std::string& included) {
  const Floor* from = floor_of(file);
  const Floor* to = floor_of(included);
  if (from == nullptr || to == nullptr || from == to || from->below.contains(to->folder)) return "";
  return file + " includes " + included + ": " + from->folder + " must not know " + to->folder;
}

std::vector<std::string> own_includes(const fs::path& file) {
  std::vector<std::string> found;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("#include \"")) continue;
    const std::size_t start = line.find('"') + 1;
    found.push_back(line.substr(start, line.find('"', start) - start));
  }
  return found;
}

std::vector<fs::path> sources(const fs::path& root) {
  std::vector<fs::path> found;
  for (const char* folder : {"engine", "connectors", "rules", "state", "benchmarks", "examples"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder))
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
        found.push_back(entry.path());
  }
  return found;
}

/// "mainflux|…": the platforms that recipes are built in for.
std::string names_of_recipes() {
  std::string names;
  for (const auto& entry : fs::directory_iterator(fs::path(USHER_SOURCE_DIR) / "connectors/recipes"))
    names += (names.empty() ? "" : "|") + entry.path().stem().string();
  return names;
}

TEST(Layering, DependenciesPointOneWay) {
  const fs::path root = USHER_SOURCE_DIR;
  const auto files = sources(root);
  EXPECT_GT(files.size(), 20U);
  for (const fs::path& file : files)
    for (const std::string& included : own_includes(file))
      EXPECT_EQ(objection(fs::relative(file, root).string(), included), "");
}

TEST(Layering, IncludesAreWrittenFromTheRoot) {
  const fs::path root = USHER_SOURCE_DIR;
  for (const fs::path& file : sources(root))
    for (const std::string& included : own_includes(file))
      EXPECT_TRUE(floor_of(included) != nullptr) << file << " includes \"" << included << "\"";
}

TEST(Layering, NoFileIsLongerThanFourHundredLines) {
  for (const fs::path& file : sources(USHER_SOURCE_DIR)) {
    std::ifstream stream(file);
    std::size_t lines = 0;
    for (std::string line; std::getline(stream, line);) ++lines;
    EXPECT_LE(lines, 400U) << file;
  }
}

// A room has files; the house has rooms.
TEST(Layering, NoFileStandsInTheEngineItself) {
  for (const auto& entry : fs::directory_iterator(fs::path(USHER_SOURCE_DIR) / "engine"))
    EXPECT_TRUE(entry.is_directory()) << entry.path();
}

// What a thread throws must reach whoever waits for it, and clang must see which lock guards what.
TEST(Layering, ThreadsAndLocksAreOurOwn) {
  const std::regex foreign(
      R"(std::(jthread|thread\b|mutex|shared_mutex|lock_guard|scoped_lock|shared_lock))");
  for (const fs::path& file : sources(USHER_SOURCE_DIR)) {
    const std::string path = fs::relative(file, USHER_SOURCE_DIR).string();
    if (path.starts_with("examples/") || path.starts_with("benchmarks/")) continue;
    if (path == "state/model/mutex.hpp" || path == "state/model/worker_thread.hpp") continue;
    std::ifstream stream(file);
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      if (line.find("base_sink<std::mutex>") != std::string::npos) continue;  // spdlog has no other
      EXPECT_FALSE(std::regex_search(line, foreign)) << path << ":" << number << ": " << line;
    }
  }
}

// A platform is data: it has a recipe, and nothing else knows it.
TEST(Layering, NoCodeNamesAPlatform) {
  const std::regex platform(names_of_recipes(), std::regex::icase);
  for (const fs::path& file : sources(USHER_SOURCE_DIR)) {
    if (fs::relative(file, USHER_SOURCE_DIR).string().starts_with("examples/")) continue;
    std::ifstream stream(file);
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      EXPECT_FALSE(std::regex_search(line, platform)) << file.string() << ":" << number << ": " << line;
    }
  }
}

TEST(Layering, ABrokenRuleIsSeen) {
  EXPECT_NE(objection("rules/people.cpp", "state/store/store.hpp"), "");
  EXPECT_NE(objection("rules/cel/lexer.cpp", "rules/config.hpp"), "");
  EXPECT_NE(objection("connectors/recipe/load.cpp", "rules/config.hpp"), "");
  EXPECT_NE(objection("state/store/store.cpp", "connectors/connector.hpp"), "");
  EXPECT_NE(objection("state/model/plan.cpp", "state/store/store.hpp"), "");
  EXPECT_NE(objection("engine/plan/diff.cpp", "engine/cli/command.hpp"), "");
  EXPECT_NE(objection("engine/plan/planner.cpp", "engine/apply/recovery.hpp"), "");
  EXPECT_NE(objection("engine/apply/apply.cpp", "engine/plan/planner.hpp"), "");
  EXPECT_NE(objection("engine/pull/pull.cpp", "engine/session/session.hpp"), "");
  EXPECT_NE(objection("engine/pull/pull.cpp", "engine/report/report.hpp"), "");
  EXPECT_NE(objection("examples/sandbox/world.cpp", "state/model/plan.hpp"), "");
  EXPECT_EQ(objection("connectors/recipe/load.cpp", "rules/cel/cel.hpp"), "");
  EXPECT_EQ(objection("rules/people.cpp", "rules/config.hpp"), "");
  EXPECT_EQ(objection("engine/report/json.cpp", "engine/session/session.hpp"), "");
}

}  // namespace
}  // namespace usher
