#include "engine/migrate/proposal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/migrate/attribute_semantics.hpp"

namespace usher {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

FieldProfile field(const std::string& path, std::vector<std::uint64_t> values) {
  FieldProfile made;
  made.path = path;
  made.filled = made.texts = values.size();
  made.values = std::move(values);
  return made;
}

Attribute attribute(const std::string& path, AttributeType type = AttributeType::string) {
  Attribute made;
  made.path = path;
  made.type = type;
  made.creatable = made.updatable = true;
  return made;
}

/// A platform of 4 people with one name, and one with two names.
class Proposing : public ::testing::Test {
 protected:
  Proposing() {
    old_.can = &old_can_;
    old_.profile.platform = "old";
    old_.profile.accounts = 4;
    old_.profile.active = 3;
    old_.profile.self = "admin-id";
    old_.profile.self_label = "admin@example.com";
    old_can_.schema.attributes = {attribute("credentials.identity"), attribute("name"), attribute("owner"),
                                  attribute("tags", AttributeType::set)};
    old_.profile.fields = {field("credentials.identity", {1, 2, 3, 4}), field("name", {5, 5, 6}),
                           field("owner", {9, 9, 9}), field("tags", {})};
    old_.profile.fields[2].references = 3;
    old_.profile.fields[3].filled = 2;
    old_.profile.entitlements = {{"group", "engineers", 3, {{{"m_read", "m_write"}, 3}}},
                                 {"group", "o'clock \"x\"", 1}};
    new_.can = &new_can_;
    new_.profile.platform = "new";
    new_can_.natural_key = new_can_.label = "email";
    new_can_.schema.attributes = {attribute("email"), attribute("firstName"), attribute("lastName"),
                                  attribute("owner")};
    new_can_.schema.attributes[0].required = true;
    EntitlementKind group;
    group.name = "group";
    group.add = true;
    new_can_.entitlements = {group};
    new_.entitlements = {{"group", "1", "engineers", ""}};
  }

  Migration proposed() const { return propose(old_, new_, {}); }

  Capabilities old_can_, new_can_;
  Side old_, new_;
};

TEST_F(Proposing, MapsWhatMeansTheSame) {
  const Migration migration = proposed();
  ASSERT_EQ(migration.mapping.size(), 3U);
  EXPECT_EQ(migration.mapping[0].to, "email");
  EXPECT_EQ(migration.mapping[0].expression, "record.?credentials.?identity.orValue(\"\").lowerAscii()");
  EXPECT_EQ(migration.mapping[1].to, "firstName");
  EXPECT_THAT(migration.mapping[1].remark, HasSubstr("guess"));
  EXPECT_THAT(migration.rules, HasSubstr("{account: email, person: person.mail, fold: case}"));
  EXPECT_THAT(migration.rules, HasSubstr("'person.key != \"admin-id\"'"));
}

TEST_F(Proposing, LeavesOutWhatMeansNothingElsewhere) {
  const Migration migration = proposed();
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "owner")));
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "tags")));
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "disabled accounts")));
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "what memberships allow")));
  EXPECT_THAT(migration.losses, Not(Contains(Field(&Loss::what, "name"))));
}

TEST_F(Proposing, GivesGroupsThatAreThereAndNamesTheOthers) {
  const Migration migration = proposed();
  EXPECT_THAT(migration.rules, HasSubstr("{group: \"engineers\", when: '\"engineers\" in person.groups'}"));
  EXPECT_THAT(migration.rules, HasSubstr("other-groups: keep"));
  EXPECT_THAT(migration.rules, Not(HasSubstr("clock")));
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "group o'clock \"x\"")));
}

TEST_F(Proposing, CarriesActionsOverThatBothPlatformsKnow) {
  EntitlementKind& group = new_can_.entitlements.front();
  group.details = {"g_list", "m_read", "m_write"};
  const Migration all = proposed();
  EXPECT_THAT(all.rules, HasSubstr("allowed: 'record.?memberships.orValue({})'"));
  EXPECT_THAT(all.rules,
              HasSubstr(R"({group: "engineers", actions: ["m_read"], )"
                        R"(when: '"m_read" in person.allowed.?group[?"engineers"].orValue([])'})"));
  EXPECT_THAT(all.rules, HasSubstr(R"(actions: ["m_write"])"));
  EXPECT_THAT(all.rules, HasSubstr(R"(.exists(a, a in ["m_read","m_write"]))"))
      << "whoever has none of them gets the standard ones";
  EXPECT_THAT(all.rules, HasSubstr("other-actions: keep")) << "nobody has less than before";
  EXPECT_THAT(all.losses, Not(Contains(Field(&Loss::what, "what memberships allow"))));
  group.details = {"m_read"};
  const Migration some = proposed();
  EXPECT_THAT(some.rules, Not(HasSubstr(R"(actions: ["m_write"])")));
  EXPECT_THAT(some.losses, Contains(testing::AllOf(Field(&Loss::what, "what memberships allow"),
                                                   Field(&Loss::accounts, 3U))));
  group.details = {"read"};
  const Migration none = proposed();
  EXPECT_THAT(none.rules, Not(HasSubstr("allowed")));
  EXPECT_THAT(none.rules, HasSubstr("{group: \"engineers\", when: '\"engineers\" in person.groups'}"));
}

TEST_F(Proposing, ProposesTheSameWhenSomeHaveMovedAlready) {
  const std::string before = proposed().rules;
  new_.profile.accounts = 4;
  new_.profile.fields = {field("email", {1, 2, 3, 4}), field("firstName", {5, 6, 7})};
  const Migration after = proposed();
  EXPECT_EQ(after.rules, before);
  ASSERT_EQ(after.match.size(), 1U);
  EXPECT_EQ(after.match[0].unique, 4U);
}

TEST_F(Proposing, SaysWhatIsMissingToCreateAnybody) {
  new_can_.schema.attributes.push_back(attribute("shoeSize"));
  new_can_.schema.attributes.back().required = true;
  EXPECT_THAT(proposed().losses, Contains(Field(&Loss::why, HasSubstr("new needs shoeSize to create one"))));
}

TEST_F(Proposing, ReadsColumnsOfAFile) {
  old_can_ = {};
  old_can_.schema.open = true;
  old_can_.natural_key = "employee-id";
  old_.profile.self.clear();
  old_.profile.entitlements = {{"group", "engineers", 3}};
  old_.profile.fields = {field("E-Mail", {1, 2, 3, 4}), field("employee-id", {5, 6, 7, 8}),
                         field("first_name", {1}), field("groups", {1, 2, 3}), field("surname", {2})};
  const Migration migration = proposed();
  EXPECT_THAT(migration.rules, HasSubstr("key: 'record[\"employee-id\"]'"));
  EXPECT_THAT(migration.rules, HasSubstr("mail: 'record[?\"E-Mail\"].orValue(\"\").lowerAscii()'"));
  EXPECT_THAT(migration.rules, HasSubstr("last_name: 'record.?surname.orValue(\"\")'"));
  EXPECT_THAT(migration.rules,
              HasSubstr("groups: '(record.groups == \"\" ? [] : record.groups.split(\";\"))'"));
  EXPECT_THAT(migration.rules, Not(HasSubstr("active")));
}

TEST_F(Proposing, TakesAddressesForAddressesWhateverTheyAreCalled) {
  old_can_.schema.attributes = {attribute("name")};
  old_.profile.fields = {field("name", {1, 2, 3, 4})};
  EXPECT_THAT(proposed().mapping, Not(Contains(Field(&Mapping::to, "email"))));
  old_.profile.fields[0].mails = 4;
  EXPECT_THAT(proposed().mapping, Contains(Field(&Mapping::to, "email")));
}

TEST_F(Proposing, BringsDisabledAccountsAlongDisabled) {
  EXPECT_THAT(proposed().rules, Not(HasSubstr("create: disabled")));
  EXPECT_THAT(proposed().losses,
              Contains(Field(&Loss::why, HasSubstr("new cannot hold a disabled account"))));
  new_can_.disable = true;
  EXPECT_THAT(proposed().rules, HasSubstr("leavers: {create: disabled, disable: never, delete: never}"));
  EXPECT_THAT(proposed().losses, Not(Contains(Field(&Loss::what, "disabled accounts"))));
  const Migration left = propose(old_, new_, {"", "", Disabled::left});
  EXPECT_THAT(left.rules, Not(HasSubstr("create: disabled")));
  EXPECT_THAT(left.losses, Contains(Field(&Loss::what, "disabled accounts")));
}

TEST_F(Proposing, LocksDisabledAccountsWhereThatIsAskedFor) {
  new_can_.lock = true;
  EXPECT_THAT(proposed().losses, Contains(Field(&Loss::why, HasSubstr("--disabled lock"))));
  const Migration locked = propose(old_, new_, {"", "", Disabled::locked});
  EXPECT_THAT(locked.rules, HasSubstr("{create: disabled, without-disable: lock, disable: never"));
  EXPECT_THAT(locked.losses, Not(Contains(Field(&Loss::what, "disabled accounts"))));
}

TEST_F(Proposing, CallsPeopleByTheirMailWhereOnlyNamesAreHeldThatSeveralMayHave) {
  new_can_.natural_key.clear();
  new_can_.label = "name";
  new_can_.schema.attributes = {attribute("name")};
  const Migration migration = proposed();
  ASSERT_EQ(migration.mapping.size(), 1U);
  EXPECT_EQ(migration.mapping[0].from, "credentials.identity");
  EXPECT_THAT(migration.mapping[0].remark, HasSubstr("tells people apart"));
  EXPECT_THAT(migration.rules, HasSubstr("{account: name, person: person.mail, fold: case}"));
  EXPECT_THAT(migration.losses, Contains(Field(&Loss::what, "name")));
}

TEST(Overlap, CountsWhatIsUniqueOnBothSides) {
  const Overlap result = overlap(field("a", {1, 2, 2, 3, 4, 9}), field("b", {1, 2, 3, 3, 5}), 8);
  EXPECT_EQ(result.unique, 1U);     // 1
  EXPECT_EQ(result.ambiguous, 3U);  // 2 twice on the first, 3 twice on the second
  EXPECT_EQ(result.none, 4U);       // 4, 9 and two without a value
}

TEST(Meaning, IsToldByTheName) {
  EXPECT_EQ(attribute_semantics("credentials.identity"), "mail");
  EXPECT_EQ(attribute_semantics("E-Mail"), "mail");
  EXPECT_EQ(attribute_semantics("displayName"), "name");
  EXPECT_EQ(attribute_semantics("given_name"), "first_name");
  EXPECT_EQ(attribute_semantics("metadata.Cost-Centre"), "costcentre");
}

}  // namespace
}  // namespace usher
