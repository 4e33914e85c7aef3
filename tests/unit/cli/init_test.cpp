#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

class Init : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Shell::Result usher(const std::string& command) const {
    return Shell{}.run({command, "--no-secrets", "--config", file.string()});
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("usher-init-" + std::to_string(getpid()));
  const std::filesystem::path file = folder / "usher.yaml";
};

TEST_F(Init, ProposesAConfigurationThatFitsItsFile) {
  std::ofstream(folder / "people.csv")
      << "Personalnummer;Vorname;Nachname;E-Mail;Austritt\n17;Zo\xC3\xAB;M\xC3\xBCller;zoe@x.example;\n"
         "18;Bo;Li;bo@x.example;31.12.2031\n19;Kim;Li;bo@x.example;01.02.2020\n";
  const auto written =
      Shell{}.run({"init", "--config", file.string(), "--from", (folder / "people.csv").string(), "--to",
                   "mainflux", "--url", "https://iot.example.com"});
  ASSERT_EQ(written.code, ExitCode::done) << written.err;
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  for (const char* part : {"path: 'people.csv'", "delimiter: \";\"", "key: 'record.Personalnummer'",
                           "3 different values in 3 rows", "dates: {'Austritt': '%d.%m.%Y'}",
                           "record.Austritt == \"\" || date(record.Austritt) > now",
                           "E-Mail: 2 different values in 3 rows; bo@x.example stands more than once",
                           "url: 'https://iot.example.com'", "leavers: {disable: never, delete: never}",
                           "removals: {percent: 10, at-least: 2}"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const auto checked = usher("validate");
  EXPECT_EQ(checked.code, ExitCode::done) << checked.out << text;
}

TEST_F(Init, TellsOneRowInTheSingular) {
  for (const auto& [column, told] : {std::pair("Austritt;31.12.2031", "Austritt holds dates, in 1 row"),
                                     std::pair("Status;active", "Status holds active (1 time)")}) {
    const std::string text = column;
    const std::size_t cut = text.find(';');
    std::ofstream(folder / "people.csv") << "Personalnummer;Name;E-Mail;" << text.substr(0, cut)
                                         << "\n17;Zoe Li;zoe@x.example;" << text.substr(cut + 1) << "\n";
    std::filesystem::remove(file);
    const auto written = Shell{}.run(
        {"init", "--config", file.string(), "--from", (folder / "people.csv").string(), "--to", "mainflux"});
    ASSERT_EQ(written.code, ExitCode::done) << written.err;
    std::ifstream stream(file);
    const std::string made((std::istreambuf_iterator<char>(stream)), {});
    for (const char* part : {"out of 1 row of ", "1 different value in 1 row", told})
      EXPECT_NE(made.find(part), std::string::npos) << part << "\n" << made;
  }
}

TEST_F(Init, FindsTheHeaderBelowTitles) {
  for (const auto& [first_line, lines] :
       {std::pair("", "skip-rows: 2"), std::pair("sep=;\n", "skip-rows: 3")}) {
    std::ofstream(folder / "people.csv") << first_line
                                         << "Export vom 1.11., Stand, heute\n\nPersonalnummer;Name;E-Mail\n"
                                            "17;Li, Zo;zo@x.example\n18;Li, Bo;bo@x.example\n";
    std::filesystem::remove(file);
    const auto written = Shell{}.run(
        {"init", "--config", file.string(), "--from", (folder / "people.csv").string(), "--to", "mainflux"});
    ASSERT_EQ(written.code, ExitCode::done) << written.err;
    std::ifstream stream(file);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    for (const char* part : {lines, "delimiter: \";\"", "key: 'record.Personalnummer'"})
      EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    const std::regex asked("\\$\\{env:(\\w+)\\}");
    for (std::sregex_iterator one(text.begin(), text.end(), asked), end; one != end; ++one)
      setenv((*one)[1].str().c_str(), "a secret", 1);
    const auto checked = Shell{}.run({"validate", "--config", file.string()});  // reads the file
    EXPECT_EQ(checked.code, ExitCode::done) << checked.out << text;
  }
}

TEST_F(Init, CountsNoDelimiterInsideQuotes) {
  std::ofstream(folder / "people.csv") << "id;name;mail;roles\n1;Li, Zo;zo@x.example;\"a;b\"\n"
                                          "2;Li, Bo;bo@x.example;\"a;b;c\"\n3;Li, Mo;mo@x.example;a\n";
  const auto written = Shell{}.run(
      {"init", "--config", file.string(), "--from", (folder / "people.csv").string(), "--to", "mainflux"});
  ASSERT_EQ(written.code, ExitCode::done) << written.err;
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  for (const char* part : {"delimiter: \";\"", "key: 'record.id'"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(Init, ProposesNothingForWhatItCannotRead) {
  std::ofstream(folder / "book.csv") << "PK\x03\x04";
  const auto from = [&](const std::string& name, const std::string& to) {
    return Shell{}.run({"init", "--config", file.string(), "--from", (folder / name).string(), "--to", to});
  };
  EXPECT_NE(from("book.csv", "mainflux").err.find("Excel workbook"), std::string::npos);
  EXPECT_NE(from("none.csv", "mainflux").err.find("there is no such file"), std::string::npos);
  EXPECT_NE(from("book.csv", "csv").err.find("no connector of that name that can write"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Init, AConfigurationMayGrow) {
  std::ofstream(folder / "people.csv") << "id,mail\n1,ada@x.example\n";
  std::ofstream(file) << "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv, key: id}\n";
  EXPECT_EQ(usher("validate").code, ExitCode::done) << usher("validate").out;
  const auto pulled = Shell{}.run({"pull", "--config", file.string()});
  EXPECT_EQ(pulled.code, ExitCode::done) << pulled.err;
  const auto planned = Shell{}.run({"plan", "--config", file.string()});
  EXPECT_EQ(planned.code, ExitCode::configuration_invalid);
  EXPECT_NE(planned.err.find("has no 'people' yet"), std::string::npos) << planned.err;
}

TEST_F(Init, ValidateReadsWhatSourcesHold) {
  std::ofstream(file)
      << "version: 1\nplatforms: {hr: {connector: csv, path: people.csv}}\n"
         "people:\n  from: hr\n  key: record.id\n  active: record.Austrit == \"\"\naccounts: {}\n";
  const auto checked = [&] { return Shell{}.run({"validate", "--config", file.string()}); };
  EXPECT_NE(checked().out.find("people.csv: cannot be opened"), std::string::npos) << checked().out;
  EXPECT_EQ(usher("validate").code, ExitCode::done) << "its files may be elsewhere, as its secrets";
  std::ofstream(folder / "people.csv") << "id,Austritt\n1,\n";
  const auto renamed = checked();
  EXPECT_EQ(renamed.code, ExitCode::configuration_invalid);
  EXPECT_NE(renamed.out.find("usher.yaml:6:"), std::string::npos) << renamed.out;
  EXPECT_NE(renamed.out.find("did you mean 'Austritt'?"), std::string::npos) << renamed.out;
  std::ofstream(folder / "people.csv") << "number,Austritt\n1,\n";
  EXPECT_NE(checked().out.find("no column is called 'id', the key"), std::string::npos) << checked().out;
}

TEST_F(Init, WritesWhatValidateAccepts) {
  const auto written = Shell{}.run({"init", "--config", file.string()});
  EXPECT_EQ(written.code, ExitCode::done) << written.err;
  EXPECT_NE(written.out.find(file.string()), std::string::npos);
  const auto checked = usher("validate");
  EXPECT_EQ(checked.code, ExitCode::done) << checked.out;
}

TEST_F(Init, ASchemaForEditors) {
  const auto printed = Shell{}.run({"schema"});
  EXPECT_EQ(printed.code, ExitCode::done);
  const auto schema = nlohmann::json::parse(printed.out);
  EXPECT_EQ(schema.at("title"), "usher configuration");
  EXPECT_TRUE(schema.at("properties").contains("platforms"));
}

TEST_F(Init, NeverOverwrites) {
  std::ofstream(file) << "mine";
  const auto result = Shell{}.run({"init", "--config", file.string()});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find("--config FILE"), std::string::npos) << result.err;
  std::ifstream stream(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "mine");
}

TEST_F(Init, SaysWhereItCannotWrite) {
  const auto result = Shell{}.run({"init", "--config", (folder / "none" / "usher.yaml").string()});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find("No such file or directory"), std::string::npos) << result.err;
}

TEST_F(Init, ValidateListsEveryMistakeWithItsPlace) {
  std::ofstream(file) << "version: 1\npepole: {}\nplatforms: {hr: {path: x.csv}}\n";
  const auto result = usher("validate");
  EXPECT_EQ(result.code, ExitCode::configuration_invalid);
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("usher.yaml:2:1: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("usher.yaml:3:"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace usher
