#include "rules/cel/parser.hpp"

#include <array>
#include <charconv>
#include <span>

#include "rules/cel/lexer.hpp"
#include "rules/cel/unicode.hpp"

namespace usher::cel {

namespace {

using Form = Expression::Form;

constexpr std::array<std::string_view, 17> reserved_words{
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

/// Thrown where the source stops making sense, caught in parse(): a parser that could go on would only guess.
struct Stop {};

bool is_literal_word(std::string_view word) {
  return word == "true" || word == "false" || word == "null";
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, Arena& arena, std::vector<Diagnostic>& mistakes)
      : tokens_(std::move(tokens)), arena_(arena), mistakes_(mistakes) {}

  Expression whole() {
    Expression result = expression();
    if (peek().kind != Token::Kind::end) fail(peek(), "the expression should end before " + shown(peek()));
    return result;
  }

 private:
  const Token& peek() const { return tokens_[next_]; }
  const Token& take() { return peek().kind == Token::Kind::end ? peek() : tokens_[next_++]; }
  const Token& last() const { return tokens_[next_ == 0 ? 0 : next_ - 1]; }
  bool at(std::string_view symbol) const { return peek().is(symbol); }
  bool skip(std::string_view symbol) {
    if (!at(symbol)) return false;
    take();
    return true;
  }

  static std::string shown(const Token& token) {
    switch (token.kind) {
      case Token::Kind::end:
        return "the end";
      case Token::Kind::string:
      case Token::Kind::bytes:
        return "this text";
      default:
        return "'" + token.text + "'";
    }
  }

  [[noreturn]] void fail(const Token& token, std::string message) {
    mistakes_.push_back({token.offset, token.length, std::move(message)});
    throw Stop{};
  }

  void expect(std::string_view symbol, const std::string& where) {
    if (!skip(symbol))
      fail(peek(), "'" + std::string(symbol) + "' is missing " + where + ", before " + shown(peek()));
  }

  /// Fills in depth and place once the operands are known.
  Expression finish(Expression tree, std::uint32_t begin) {
    std::uint16_t below = 0;
    for (const Expression& operand : tree.operands) below = std::max(below, operand.depth);
    tree.depth = static_cast<std::uint16_t>(below + 1);
    tree.begin = begin;
    tree.end = last().offset + last().length;
    if (tree.depth > deepest_nesting) fail(last(), too_deep());
    return tree;
  }

  static std::string too_deep() {
    return "the expression nests deeper than " + std::to_string(deepest_nesting) + " levels; split it";
  }

  static Expression made(Form form, const Token& token) {
    Expression tree;
    tree.form = form;
    tree.at = token.offset;
    tree.at_length = token.length;
    tree.text = token.text;
    return tree;
  }

  Expression expression() {
    if (++nesting_ > deepest_nesting) fail(peek(), too_deep());
    const std::uint32_t begin = peek().offset;
    Expression result = logical("||");
    if (at("?")) {
      Expression choice = made(Form::conditional, take());
      choice.operands.push_back(std::move(result));
      choice.operands.push_back(logical("||"));
      expect(":", "after the value for 'true' of this '?'");
      choice.operands.push_back(expression());
      result = finish(std::move(choice), begin);
    }
    --nesting_;
    return result;
  }

  /// `a || b || c`, and within it `a && b && c`: one node for the whole chain.
  Expression logical(std::string_view symbol) {
    const std::uint32_t begin = peek().offset;
    auto operand = [&] { return symbol == "||" ? logical("&&") : binary(0); };
    Expression first = operand();
    if (!at(symbol)) return first;
    Expression chain = made(Form::operation, peek());
    chain.operands.push_back(std::move(first));
    while (skip(symbol)) chain.operands.push_back(operand());
    return finish(std::move(chain), begin);
  }

  bool at_operator(std::size_t level) const {
    static const std::array<std::vector<std::string_view>, 3> levels{
        {{"<", "<=", ">=", ">", "==", "!="}, {"+", "-"}, {"*", "/", "%"}}};
    if (level == 0 && peek().kind == Token::Kind::identifier && peek().text == "in") return true;
    return peek().kind == Token::Kind::symbol &&
           std::find(levels[level].begin(), levels[level].end(), peek().text) != levels[level].end();
  }

  Expression binary(std::size_t level) {
    if (level == 3) return unary();
    const std::uint32_t begin = peek().offset;
    Expression left = binary(level + 1);
    while (at_operator(level)) {
      Expression operation = made(Form::operation, take());
      operation.operands.push_back(std::move(left));
      operation.operands.push_back(binary(level + 1));
      left = finish(std::move(operation), begin);
    }
    return left;
  }

  Expression unary() {
    if (!at("!") && !at("-")) return member();
    const Token symbol = take();
    const bool number = peek().kind == Token::Kind::integer || peek().kind == Token::Kind::real;
    if (symbol.is("-") && number) return member(&symbol);
    std::size_t repeated = 1;
    while (at(symbol.text)) {
      take();
      ++repeated;
    }
    // Two of a kind cancel out, but only the operation itself can tell that it is given a bool or a number.
    Expression operand = member();
    for (std::size_t i = repeated % 2 == 0 ? 2 : 1; i > 0; --i) {
      Expression operation = made(Form::operation, symbol);
      operation.operands.push_back(std::move(operand));
      operand = finish(std::move(operation), symbol.offset);
    }
    return operand;
  }

  Expression member(const Token* minus = nullptr) {
    const std::uint32_t begin = minus != nullptr ? minus->offset : peek().offset;
    Expression target = minus != nullptr ? number(minus) : primary();
    while (true) {
      if (at(".") || at(".?")) {
        target = selection(std::move(target), begin);
      } else if (at("[") || at("[?")) {
        Expression index = made(Form::index, take());
        index.optional = last().text == "[?";
        index.operands.push_back(std::move(target));
        index.operands.push_back(expression());
        expect("]", "after this index");
        target = finish(std::move(index), begin);
      } else {
        return target;
      }
    }
  }

  Expression selection(Expression target, std::uint32_t begin) {
    const bool optional = take().text == ".?";
    const bool quoted = peek().kind == Token::Kind::quoted_identifier;
    if (!quoted && peek().kind != Token::Kind::identifier)
      fail(peek(), "a field's name is missing after '.'");
    if (!quoted && (is_literal_word(peek().text) || peek().text == "in")) {
      fail(peek(),
           "'" + peek().text + "' is a word of the language; as a field's name it stands in backticks");
    }
    const Token& name = take();
    Expression select = made(at("(") && !quoted && !optional ? Form::method : Form::select, name);
    select.optional = optional;
    select.operands.push_back(std::move(target));
    if (select.form == Form::method) arguments(select);
    return finish(std::move(select), begin);
  }

  void arguments(Expression& call) {
    take();
    while (!at(")")) {
      call.operands.push_back(expression());
      if (!at(")"))
        expect(",", "between two arguments of '" + call.text + "'");
      else
        break;
    }
    if (last().is(",")) fail(last(), "an argument is missing after ','");
    take();
  }

  Expression primary() {
    const Token& token = peek();
    switch (token.kind) {
      case Token::Kind::integer:
      case Token::Kind::unsigned_integer:
      case Token::Kind::real:
        return number(nullptr);
      case Token::Kind::string:
        return literal(Value::string(arena_.copy(token.text)));
      case Token::Kind::bytes:
        return literal(Value::bytes(arena_.copy(token.text)));
      case Token::Kind::identifier:
        return name();
      default:
        break;
    }
    if (at("(")) return parenthesis();
    if (at("[")) return list();
    if (at("[?")) return list();
    if (at("{")) return map();
    if (at(".")) return name();
    fail(token, "a value is missing before " + shown(token));
  }

  Expression literal(Value value) {
    const Token& token = take();
    Expression tree = made(Form::literal, token);
    tree.literal = value;
    return finish(std::move(tree), token.offset);
  }

  Expression number(const Token* minus) {
    const Token& token = peek();
    const std::string digits = (minus != nullptr ? "-" : "") + token.text;
    const char* end = digits.data() + digits.size();
    std::from_chars_result read{end, std::errc{}};
    Value value;
    if (token.kind == Token::Kind::real) {
      double result = 0;
      read = std::from_chars(digits.data(), end, result);
      value = Value::real(result);
    } else if (token.kind == Token::Kind::unsigned_integer) {
      std::uint64_t result = 0;
      const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
      read = std::from_chars(digits.data() + (hex ? 2 : 0), end, result, hex ? 16 : 10);
      value = Value::unsigned_integer(result);
    } else {
      std::int64_t result = 0;
      const bool hex = token.text.starts_with("0x") || token.text.starts_with("0X");
      const std::string plain = hex ? (minus != nullptr ? "-" : "") + token.text.substr(2) : digits;
      read = std::from_chars(plain.data(), plain.data() + plain.size(), result, hex ? 16 : 10);
      value = Value::integer(result);
    }
    if (read.ec != std::errc{}) fail(token, digits + " is beyond the range of its type");
    Expression tree = literal(value);
    if (minus != nullptr) tree.begin = minus->offset;
    return tree;
  }

  Expression name() {
    const std::uint32_t begin = peek().offset;
    const bool rooted = skip(".");
    const Token& token = peek();
    if (token.kind != Token::Kind::identifier) fail(token, "a name is missing after '.'");
    if (!rooted && token.text == "null") return literal(Value::null());
    if (!rooted && is_literal_word(token.text)) return literal(Value::boolean(token.text == "true"));
    const bool reserved =
        std::find(reserved_words.begin(), reserved_words.end(), token.text) != reserved_words.end();
    if (reserved || token.text == "in" || is_literal_word(token.text)) {
      fail(token, "'" + token.text + "' is a reserved word and cannot be a name");
    }
    take();
    Expression tree = made(at("(") ? Form::call : Form::name, token);
    if (rooted) tree.text.insert(0, ".");
    if (tree.form == Form::call) arguments(tree);
    return finish(std::move(tree), begin);
  }

  Expression parenthesis() {
    take();
    Expression inner = expression();
    expect(")", "after what '(' opened");
    return inner;
  }

  /// An element of a list or a key of a map: `?` before it makes it one that may be missing.
  Expression element() {
    const std::uint32_t begin = peek().offset;
    if (!at("?")) return expression();
    Expression maybe = made(Form::if_present, take());
    maybe.operands.push_back(expression());
    return finish(std::move(maybe), begin);
  }

  Expression list() {
    const std::uint32_t begin = peek().offset;
    const Token opening = take();
    Expression tree = made(Form::list, opening);
    if (opening.text == "[?") {
      Expression maybe = made(Form::if_present, opening);
      maybe.operands.push_back(expression());
      tree.operands.push_back(finish(std::move(maybe), begin));
      if (!at("]")) expect(",", "between two elements of this list");
    }
    while (!at("]")) {
      tree.operands.push_back(element());
      if (!at("]")) expect(",", "between two elements of this list");
    }
    if (last().is(",") && tree.operands.empty()) fail(last(), "an element is missing before ','");
    take();
    return finish(std::move(tree), begin);
  }

  Expression map() {
    const std::uint32_t begin = peek().offset;
    Expression tree = made(Form::map, take());
    while (!at("}")) {
      tree.operands.push_back(element());
      expect(":", "after this key of a map");
      tree.operands.push_back(expression());
      if (!at("}")) expect(",", "between two entries of this map");
    }
    take();
    return finish(std::move(tree), begin);
  }

  std::vector<Token> tokens_;
  Arena& arena_;
  std::vector<Diagnostic>& mistakes_;
  std::size_t next_ = 0;
  int nesting_ = 0;
};

}  // namespace

std::optional<Expression> parse(std::string_view source, Arena& arena, std::vector<Diagnostic>& mistakes) {
  if (source.size() > longest_source) {
    mistakes.push_back(
        {0, source.size(), "the expression is longer than " + std::to_string(longest_source) + " bytes"});
  } else if (!is_utf8(source)) {
    mistakes.push_back({0, source.size(), "the expression is not valid UTF-8"});
  }
  if (!mistakes.empty()) return std::nullopt;
  auto tokens = tokenize(source, mistakes);
  if (!mistakes.empty()) return std::nullopt;
  if (tokens.size() == 1) {
    mistakes.push_back({0, source.size(), "the expression is empty"});
    return std::nullopt;
  }
  try {
    return Parser(std::move(tokens), arena, mistakes).whole();
  } catch (const Stop&) {
    return std::nullopt;
  }
}

}  // namespace usher::cel
