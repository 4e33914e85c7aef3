#include "connectors/files/text_decoder.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace usher {
namespace {

constexpr char no_text = '\xFF';

struct Mark {
  std::string_view bytes;
  const char* encoding;
};
constexpr std::array<Mark, 3> marks = {
    {{"\xEF\xBB\xBF", "UTF-8"}, {"\xFF\xFE", "UTF-16LE"}, {"\xFE\xFF", "UTF-16BE"}}};

struct NoText {
  std::string_view bytes;
  const char* advice;
};
/// What is given in place of a text file, by how it begins.
constexpr std::array<NoText, 4> no_texts = {
    {{"PK\x03\x04", "this is an Excel workbook or another zip file, not text; save the sheet as CSV (UTF-8)"},
     {"\xD0\xCF\x11\xE0", "this is an old Excel workbook, not text; save the sheet as CSV (UTF-8)"},
     {"\x1F\x8B", "this is a gzip file; unpack it first"},
     {"%PDF-", "this is a PDF document, not a file of records"}}};

std::string small_letters(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return made;
}

/// Without blanks, hyphens and underscores: "utf8", "utf16le".
std::string plain_name(std::string_view name) {
  std::string made = small_letters(name);
  std::erase_if(made, [](char c) { return c == '-' || c == '_' || c == ' '; });
  return made;
}

/// The name iconv knows an encoding by; empty for UTF-8, which needs no conversion.
std::string iconv_name(const std::string& name) {
  const std::string word = plain_name(name);
  if (word.empty() || word == "utf8" || word == "ascii" || word == "usascii") return {};
  if (word.starts_with("windows125")) return "CP" + word.substr(7);
  if (word.starts_with("ansi125")) return "CP" + word.substr(4);
  if (word == "shiftjis" || word == "sjis") return "CP932";
  if (word == "utf16") return "UTF-16LE";
  return name;
}

bool is_utf16(const std::string& name) {
  return plain_name(name).starts_with("utf16");
}

/// Every second byte of ASCII text in UTF-16 is NUL.
const char* utf16_without_mark(std::string_view bytes) {
  const std::size_t looked = std::min<std::size_t>(bytes.size(), 64) & ~std::size_t{1};
  if (looked < 2) return nullptr;
  std::array<std::size_t, 2> nuls{};
  for (std::size_t i = 0; i < looked; ++i)
    if (bytes[i] == '\0') ++nuls[i % 2];
  if (nuls[1] * 4 >= looked && nuls[0] * 4 < nuls[1]) return "UTF-16LE";
  return nuls[0] * 4 >= looked && nuls[1] * 4 < nuls[0] ? "UTF-16BE" : nullptr;
}

void* opened(const std::string& name) {
  if (name.find('/') != std::string::npos) return nullptr;  // "…//TRANSLIT" would guess
  iconv_t made = ::iconv_open("UTF-8", name.c_str());
  return made == reinterpret_cast<iconv_t>(-1) ? nullptr : made;
}

}  // namespace

TextDecoder::TextDecoder(std::string encoding) : given_(std::move(encoding)) {
  begin();
}

TextDecoder::~TextDecoder() {
  close();
}

void TextDecoder::close() {
  if (converter_ != nullptr) ::iconv_close(converter_);
  converter_ = nullptr;
}

void TextDecoder::begin() {
  first_ = true;
  pending_.clear();
  use(given_);
}

void TextDecoder::use(const std::string& name) {
  close();
  const std::string known = iconv_name(name);
  name_ = known.empty() ? "UTF-8" : name;
  if (!known.empty()) converter_ = opened(known);
}

/// Takes a mark off and heeds it. The problem, when the file cannot be read as it should.
std::optional<std::string> TextDecoder::look_at_beginning(std::string_view& bytes) {
  for (const NoText& kind : no_texts)
    if (bytes.starts_with(kind.bytes)) return kind.advice;
  for (const Mark& mark : marks) {
    if (!bytes.starts_with(mark.bytes)) continue;
    const bool same = given_.empty() || plain_name(given_) == plain_name(mark.encoding) ||
                      (plain_name(given_) == "utf16" && is_utf16(mark.encoding));
    if (!same)
      return fmt::format(
          "the mark at its beginning says {}, and the configuration says encoding: {}; if the mark is right, "
          "take "
          "'encoding' out of the configuration",
          mark.encoding, given_);
    bytes.remove_prefix(mark.bytes.size());
    use(mark.encoding);
    return std::nullopt;
  }
  if (!given_.empty() && plain_name(given_) != "utf16" && plain_name(given_) != "utf8") return std::nullopt;
  if (const char* name = utf16_without_mark(bytes); name != nullptr) use(name);
  return std::nullopt;
}

tl::expected<std::string_view, std::string> TextDecoder::decode(std::string_view bytes, bool last) {
  if (first_) {
    if (auto problem = look_at_beginning(bytes)) return tl::unexpected(std::move(*problem));
    first_ = false;
  }
  if (converter_ == nullptr) return bytes;
  convert(bytes, last);
  return std::string_view(text_);
}

void TextDecoder::convert(std::string_view bytes, bool last) {
  pending_ += bytes;
  text_.clear();
  const std::size_t unit = is_utf16(name_) ? 2 : 1;
  std::array<char, 1U << 14U> buffer;
  char* from = pending_.data();
  std::size_t left = pending_.size();
  while (true) {
    char* to = buffer.data();
    std::size_t room = buffer.size();
    const std::size_t result = ::iconv(converter_, &from, &left, &to, &room);
    text_.append(buffer.data(), buffer.size() - room);
    if (result != static_cast<std::size_t>(-1)) break;
    if (errno == E2BIG) continue;
    if (errno == EINVAL && !last) break;
    if (left == 0) break;
    text_ += no_text;
    const std::size_t passed = std::min(unit, left);
    from += passed;
    left -= passed;
  }
  if (last) {
    char* to = buffer.data();
    std::size_t room = buffer.size();
    ::iconv(converter_, nullptr, nullptr, &to, &room);
    text_.append(buffer.data(), buffer.size() - room);
  }
  pending_.erase(0, pending_.size() - left);
}

bool is_encoding(const std::string& name) {
  const std::string known = iconv_name(name);
  if (known.empty()) return true;
  void* const made = opened(known);
  if (made != nullptr) ::iconv_close(made);
  return made != nullptr;
}

const std::vector<std::string>& common_encodings() {
  static const std::vector<std::string> names = {
      "utf-8",        "utf-16",       "utf-16le",     "utf-16be",     "latin1",       "windows-1250",
      "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
      "windows-1257", "windows-1258", "iso-8859-1",   "iso-8859-2",   "iso-8859-5",   "iso-8859-7",
      "iso-8859-9",   "iso-8859-15",  "macintosh",    "ibm850",       "ibm437",       "koi8-r",
      "koi8-u",       "shift_jis",    "euc-jp",       "iso-2022-jp",  "euc-kr",       "gb18030",
      "gbk",          "big5"};
  return names;
}

}  // namespace usher
