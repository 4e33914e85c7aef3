#include "engine/migrate/attribute_semantics.hpp"

#include <array>

namespace usher {

namespace {

struct Word {
  std::string_view written;  ///< small letters, no separators
  std::string_view meaning;
};

constexpr std::array words = {
    Word{"mail", "mail"},
    Word{"email", "mail"},
    Word{"emailaddress", "mail"},
    Word{"mailaddress", "mail"},
    Word{"primaryemail", "mail"},
    Word{"workemail", "mail"},
    Word{"identity", "mail"},
    Word{"userprincipalname", "mail"},
    Word{"upn", "mail"},
    Word{"name", "name"},
    Word{"displayname", "name"},
    Word{"fullname", "name"},
    Word{"commonname", "name"},
    Word{"cn", "name"},
    Word{"firstname", "first_name"},
    Word{"first", "first_name"},
    Word{"givenname", "first_name"},
    Word{"forename", "first_name"},
    Word{"lastname", "last_name"},
    Word{"last", "last_name"},
    Word{"surname", "last_name"},
    Word{"familyname", "last_name"},
    Word{"sn", "last_name"},
    Word{"timezone", "timezone"},
    Word{"tz", "timezone"},
    Word{"zoneinfo", "timezone"},
    Word{"phone", "phone"},
    Word{"phonenumber", "phone"},
    Word{"telephone", "phone"},
    Word{"telephonenumber", "phone"},
    Word{"department", "department"},
    Word{"dept", "department"},
    Word{"title", "title"},
    Word{"jobtitle", "title"},
    Word{"locale", "locale"},
    Word{"language", "locale"},
    Word{"preferredlanguage", "locale"},
};

}  // namespace

std::string attribute_semantics(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  std::string plain;
  for (const char c : path.substr(dot == std::string_view::npos ? 0 : dot + 1)) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  for (const Word& word : words) {
    if (word.written == plain) return std::string(word.meaning);
  }
  return plain;
}

}  // namespace usher
