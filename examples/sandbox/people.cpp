#include "examples/sandbox/people.hpp"

#include <array>
#include <string_view>

#include "examples/sandbox/random.hpp"

namespace usher::sandbox {
namespace {

struct Name {
  std::string_view written;
  std::string_view plain;  ///< as it stands in an e-mail address
};

constexpr std::array<Name, 40> firsts{{
    {"Zoë", "zoe"},           {"José", "jose"},         {"Søren", "soren"},
    {"Aïcha", "aicha"},       {"Jean-Luc", "jean-luc"}, {"Anne Marie", "annemarie"},
    {"Łukasz", "lukasz"},     {"Nguyệt", "nguyet"},     {"Björn", "bjorn"},
    {"Chloé", "chloe"},       {"D'Arcy", "darcy"},      {"Ömer", "omer"},
    {"Siân", "sian"},         {"Renée", "renee"},       {"Mateo", "mateo"},
    {"Priya", "priya"},       {"Kwame", "kwame"},       {"Yuki", "yuki"},
    {"Olga", "olga"},         {"Ahmed", "ahmed"},       {"Grace", "grace"},
    {"Linus", "linus"},       {"Ada", "ada"},           {"Alan", "alan"},
    {"Barbara", "barbara"},   {"Edsger", "edsger"},     {"Radia", "radia"},
    {"Margaret", "margaret"}, {"Ken", "ken"},           {"Frances", "frances"},
    {"Tim", "tim"},           {"Hedy", "hedy"},         {"Mary", "mary"},
    {"Niklaus", "niklaus"},   {"Tony", "tony"},         {"Sophie", "sophie"},
    {"Wei", "wei"},           {"Fatima", "fatima"},     {"Ivan", "ivan"},
    {"Noor", "noor"},
}};

constexpr std::array<Name, 40> lasts{{
    {"O'Brien", "obrien"},     {"García Márquez", "garcia-marquez"},
    {"Müller", "muller"},      {"Ångström", "angstrom"},
    {"D'Angelo", "dangelo"},   {"Van der Berg", "vanderberg"},
    {"Çelik", "celik"},        {"Nowák", "nowak"},
    {"Lefèvre", "lefevre"},    {"Jørgensen", "jorgensen"},
    {"Šimić", "simic"},        {"Nguyễn", "nguyen"},
    {"O’Neill", "oneill"},     {"Smith-Jones", "smith-jones"},
    {"Großmann", "grossmann"}, {"Peña", "pena"},
    {"Novak", "novak"},        {"Okafor", "okafor"},
    {"Tanaka", "tanaka"},      {"Singh", "singh"},
    {"Cohen", "cohen"},        {"Rossi", "rossi"},
    {"Silva", "silva"},        {"Kim", "kim"},
    {"Hopper", "hopper"},      {"Lovelace", "lovelace"},
    {"Turing", "turing"},      {"Liskov", "liskov"},
    {"Hamilton", "hamilton"},  {"Thompson", "thompson"},
    {"Allen", "allen"},        {"Lamarr", "lamarr"},
    {"Shelley", "shelley"},    {"Wirth", "wirth"},
    {"Hoare", "hoare"},        {"Germain", "germain"},
    {"Zhang", "zhang"},        {"Haddad", "haddad"},
    {"Petrov", "petrov"},      {"Ali", "ali"},
}};

constexpr std::array<std::string_view, 8> cities{"Paris",  "Łódź",   "Málaga", "Berlin",
                                                 "London", "Zürich", "Oslo",   "São Paulo"};

std::string mail_of(const Name& first, const Name& last, std::size_t number, bool mixed_case) {
  std::string mail =
      std::string(first.plain) + '.' + std::string(last.plain) + std::to_string(number) + "@plantly.example";
  if (mixed_case) {
    mail[0] = static_cast<char>(mail[0] - 'a' + 'A');
    const std::size_t dot = first.plain.size() + 1;
    mail[dot] = static_cast<char>(mail[dot] - 'a' + 'A');
  }
  return mail;
}

}  // namespace

const std::vector<std::string>& departments() {
  static const std::vector<std::string> all{"customer-care", "engineering", "finance",    "legal",
                                            "marketing",     "operations",  "people",     "procurement",
                                            "quality",       "research",    "sales-emea", "security"};
  return all;
}

Person person(std::uint64_t seed, std::size_t number) {
  Random random(seed * 0x2545f4914f6cdd1dULL + number);
  const Name& first = firsts[random.below(firsts.size())];
  const Name& last = lasts[random.below(lasts.size())];
  const auto& all = departments();
  Person person;
  person.number = number;
  person.first = first.written;
  person.last = last.written;
  person.mail = mail_of(first, last, number, random.chance(4));
  person.department = all[random.below(all.size())];
  if (random.chance(20)) person.second_department = all[random.below(all.size())];
  if (person.second_department == person.department) person.second_department.clear();
  person.city = cities[random.below(cities.size())];
  person.active = !random.chance(8);
  return person;
}

}  // namespace usher::sandbox
