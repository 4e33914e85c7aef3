#include "state/model/note.hpp"

#include <gtest/gtest.h>

#include <set>

#include "state/model/plan.hpp"

namespace usher {
namespace {

TEST(Note, EveryKindHasANameOfItsOwnAndIsReadBack) {
  std::set<std::string> names;
  for (unsigned value = 0; *to_string(static_cast<NoteKind>(value)) != '\0'; ++value) {
    const auto kind = static_cast<NoteKind>(value);
    EXPECT_TRUE(names.insert(to_string(kind)).second) << to_string(kind);
    EXPECT_EQ(note_kind(to_string(kind)), kind);
    EXPECT_NE(*describe(kind).meaning, '\0');
  }
  EXPECT_GT(names.size(), 30U);
  EXPECT_THROW(note_kind(""), std::invalid_argument);
  EXPECT_THROW(note_kind("rule-eror"), std::invalid_argument);
}

TEST(Note, WordsOfPlansAreReadBack) {
  EXPECT_EQ(change_act("delete"), ChangeAct::remove);
  EXPECT_EQ(guard_kind("vanished-records"), GuardKind::vanished_records);
  EXPECT_EQ(operation_kind("change-membership"), OperationKind::change_membership);
  EXPECT_EQ(link_origin("matched credentials.identity"),
            (LinkOrigin{LinkOrigin::Kind::matched, "credentials.identity"}));
  EXPECT_EQ(to_string(link_origin("created disabled")), "created disabled");
  EXPECT_THROW(link_origin("found"), std::invalid_argument);
}

TEST(Note, ItsIdIsOfKindPlatformSubjectAndCauseAndOfNothingElse) {
  const Note note{"iot", "E1", "a1", NoteKind::immutable, "name is A and should be B", "name differs"};
  Note other = note;
  other.message = "name is C and should be D";
  other.account = "a2";
  EXPECT_EQ(id_of(other), id_of(note));
  other = note;
  other.person = "E2";
  EXPECT_NE(id_of(other), id_of(note));
  other = note;
  other.cause = "mail differs";
  EXPECT_NE(id_of(other), id_of(note));
  other = note;
  other.group = "group engineers";
  const std::string of_group = id_of(other);
  other.person = "E2";
  EXPECT_EQ(id_of(other), of_group) << "a group is one thing, whoever is to be in it";
}

}  // namespace
}  // namespace usher
