#include "rules/cel/lexer.hpp"

#include <array>
#include <optional>

#include "rules/cel/unicode.hpp"

namespace usher::cel {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int hexadecimal(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::vector<Diagnostic>& mistakes) : source_(source), mistakes_(mistakes) {}

  std::vector<Token> run() {
    while (skip_blanks(), at_ < source_.size() && mistakes_.empty()) tokens_.push_back(next());
    if (!mistakes_.empty() && !tokens_.empty()) tokens_.pop_back();
    tokens_.push_back({Token::Kind::end, position(source_.size()), 0, {}});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  static std::uint32_t position(std::size_t offset) { return static_cast<std::uint32_t>(offset); }

  void skip_blanks() {
    while (at_ < source_.size()) {
      if (std::string_view(" \t\r\n\f").find(peek()) != std::string_view::npos) {
        ++at_;
      } else if (peek() == '/' && peek(1) == '/') {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else {
        return;
      }
    }
  }

  Token fail(std::size_t offset, std::size_t length, std::string message) {
    mistakes_.push_back({offset, length, std::move(message)});
    return {};
  }

  Token token(Token::Kind kind, std::size_t start, std::string text) const {
    return {kind, position(start), position(at_ - start), std::move(text)};
  }

  Token next() {
    const std::size_t start = at_;
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    if (is_letter(peek())) {
      std::size_t prefix = 0;
      while (prefix < 2 && std::string_view("rRbB").find(peek(prefix)) != std::string_view::npos) ++prefix;
      if (peek(prefix) == '"' || peek(prefix) == '\'') return prefixed_text(prefix);
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return token(Token::Kind::identifier, start, std::string(source_.substr(start, at_ - start)));
    }
    if (peek() == '"' || peek() == '\'') return prefixed_text(0);
    if (peek() == '`') return quoted_identifier();
    return symbol();
  }

  Token symbol() {
    static constexpr std::array<std::string_view, 27> symbols{
        "==", "!=", "<=", ">=", "&&", "||", "[?", ".?", "(", ")", "[", "]", "{", "}",
        ".",  ",",  ":",  "?",  "+",  "-",  "*",  "/",  "%", "!", "<", ">", "="};
    const std::size_t start = at_;
    for (const std::string_view candidate : symbols) {
      if (!source_.substr(at_).starts_with(candidate)) continue;
      at_ += candidate.size();
      if (candidate == "=")
        return fail(start, 1, "'=' assigns, and nothing can be assigned here; compare with '=='");
      return token(Token::Kind::symbol, start, std::string(candidate));
    }
    const std::size_t length = code_point_length(source_, at_);
    const auto text = source_.substr(start, length);
    if (text == "&" || text == "|") {
      return fail(start, 1,
                  "'" + std::string(text) + "' is no operator; write '" + std::string(2, text[0]) + "'");
    }
    return fail(start, length, "'" + std::string(text) + "' means nothing here");
  }

  Token number() {
    const std::size_t start = at_;
    Token::Kind kind = Token::Kind::integer;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && hexadecimal(peek(2)) >= 0) {
      at_ += 2;
      while (hexadecimal(peek()) >= 0) ++at_;
    } else {
      while (is_digit(peek())) ++at_;
      if (peek() == '.' && is_digit(peek(1))) {
        kind = Token::Kind::real;
        for (++at_; is_digit(peek());) ++at_;
      }
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
        kind = Token::Kind::real;
        for (at_ += 1 + sign; is_digit(peek());) ++at_;
      }
    }
    std::string digits(source_.substr(start, at_ - start));
    if (kind == Token::Kind::integer && (peek() == 'u' || peek() == 'U')) {
      kind = Token::Kind::unsigned_integer;
      ++at_;
    }
    if (is_letter(peek()) || is_digit(peek())) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return fail(start, at_ - start,
                  "'" + std::string(source_.substr(start, at_ - start)) + "' is no number");
    }
    return token(kind, start, std::move(digits));
  }

  Token quoted_identifier() {
    const std::size_t start = at_++;
    const std::size_t end = source_.find('`', at_);
    if (end == std::string_view::npos) return fail(start, 1, "this '`' is never closed");
    std::string name(source_.substr(at_, end - at_));
    at_ = end + 1;
    for (const char c : name) {
      if (!is_letter(c) && !is_digit(c) && std::string_view("-./ ").find(c) == std::string_view::npos) {
        return fail(start, at_ - start,
                    "a name in backticks has letters, digits, '_', '-', '.', '/' and blanks only");
      }
    }
    if (name.empty()) return fail(start, at_ - start, "the name in backticks is empty");
    return token(Token::Kind::quoted_identifier, start, std::move(name));
  }

  Token prefixed_text(std::size_t prefix) {
    bool raw = false;
    bool bytes = false;
    const std::size_t start = at_;
    for (std::size_t i = 0; i < prefix; ++i) {
      bool& flag = peek(i) == 'r' || peek(i) == 'R' ? raw : bytes;
      if (flag) return fail(start, prefix, "a prefix letter stands twice before this text");
      flag = true;
    }
    at_ += prefix;
    const std::string triple(3, peek());
    const bool multiline = source_.substr(at_).starts_with(triple);
    const std::string quote = multiline ? triple : triple.substr(0, 1);
    at_ += quote.size();
    std::string text;
    while (!source_.substr(at_).starts_with(quote)) {
      if (at_ >= source_.size() || (!multiline && (peek() == '\n' || peek() == '\r'))) {
        return fail(start, prefix + quote.size(),
                    "this text is never closed: " + quote + " is missing at its end");
      }
      if (peek() == '\\' && !raw) {
        if (!escape(text, bytes)) return {};
      } else {
        text += source_[at_++];
      }
    }
    at_ += quote.size();
    return token(bytes ? Token::Kind::bytes : Token::Kind::string, start, std::move(text));
  }

  /// The number that `count` digits of a base give, from `ahead` on.
  std::optional<std::uint32_t> digits(std::size_t ahead, std::size_t count, int base) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const int digit = hexadecimal(peek(ahead + i));
      if (digit < 0 || digit >= base) return std::nullopt;
      value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    }
    return value;
  }

  bool escape(std::string& text, bool bytes) {
    static constexpr std::string_view letters = "abfnrtv\\?\"'`";
    static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\?\"'`";
    const std::size_t start = at_;
    const char letter = peek(1);
    const std::size_t simple = letter == '\0' ? std::string_view::npos : letters.find(letter);
    if (simple != std::string_view::npos) {
      text += meanings[simple];
      at_ += 2;
      return true;
    }
    std::optional<std::uint32_t> code;
    std::size_t length = 4;
    if (letter == 'x' || letter == 'X') {
      code = digits(2, 2, 16);
    } else if (letter >= '0' && letter <= '3') {
      code = digits(1, 3, 8);
    } else if (!bytes && (letter == 'u' || letter == 'U')) {
      length = letter == 'u' ? 6 : 10;
      code = digits(2, length - 2, 16);
    }
    const bool valid = code && *code <= 0x10FFFF && (*code < 0xD800 || *code > 0xDFFF);
    if (!valid) {
      const std::string what =
          "'\\" + std::string(source_.substr(at_ + 1, code_point_length(source_, at_ + 1))) + "'";
      fail(start, std::min(length, source_.size() - start),
           what + " is no escape; write '\\\\' for a backslash, or r\"…\" to keep them all");
      return false;
    }
    at_ += length;
    if (bytes) {
      text += static_cast<char>(*code);
    } else {
      append_code_point(text, *code);
    }
    return true;
  }

  std::string_view source_;
  std::vector<Diagnostic>& mistakes_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source, std::vector<Diagnostic>& mistakes) {
  return Lexer(source, mistakes).run();
}

}  // namespace usher::cel
