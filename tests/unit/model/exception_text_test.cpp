#include "state/model/exception_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace usher {
namespace {

using nlohmann::json;

template <class Act>
std::string text_after(Act act) {
  try {
    act();
  } catch (const std::exception& error) {
    return text_of(error);
  }
  return "nothing was thrown";
}

TEST(ExceptionText, SaysWhatALibraryThrewInOurWords) {
  EXPECT_EQ(text_after([] { static_cast<void>(json::parse("{\"a\": ]")); }),
            "this is not JSON: byte 7 cannot stand where it does");
  EXPECT_EQ(text_after([] { static_cast<void>(json("\xE9").dump()); }), "a text is not UTF-8");
  EXPECT_EQ(text_after([] { static_cast<void>(json::object().at("a")); }),
            "JSON does not hold what it must hold here");
  EXPECT_EQ(text_after([] { static_cast<void>(json("a").get<int>()); }),
            "JSON does not hold what it must hold here");
  EXPECT_EQ(text_after([] { static_cast<void>(std::filesystem::file_size("/nowhere/at/all")); }),
            "/nowhere/at/all: No such file or directory");
  EXPECT_EQ(text_after([] { throw std::bad_alloc(); }), "There is not enough memory for this.");
}

TEST(ExceptionText, LeavesOurOwnWordsAsTheyAre) {
  EXPECT_EQ(text_after([] { throw std::runtime_error("people.csv: cannot be read"); }),
            "people.csv: cannot be read");
}

}  // namespace
}  // namespace usher
