#include "connectors/files/csv_rows.hpp"

#include <algorithm>
#include <new>

#include "connectors/files/source_file.hpp"

namespace usher {
namespace {

/// No cell of a list of people is as long: more likely a quote is open that was meant as an inch mark.
constexpr std::size_t longest_cell = 1U << 20U;

constexpr const char* not_closed =
    "a quote is not closed in the row that begins here; what follows cannot be read";

int no_blank(unsigned char) {
  return 0;
}

}  // namespace

CsvRows::CsvRows(char delimiter, std::uint64_t line, CsvListener& listener)
    : listener_(listener), delimiter_(delimiter), line_(line) {
  start_parser();
}

CsvRows::~CsvRows() {
  csv_free(&parser_);
}

void CsvRows::start_parser() {
  if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) throw std::bad_alloc();
  csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
  csv_set_space_func(&parser_, no_blank);
  csv_set_blk_size(&parser_, 4096);
}

void CsvRows::on_cell(void* text, std::size_t size, void* self) {
  CsvRow& row = static_cast<CsvRows*>(self)->row_;
  if (size > 0) row.text.append(static_cast<const char*>(text), size);
  row.ends.push_back(row.text.size());
}

void CsvRows::on_end(int c, void* self) {
  static_cast<CsvRows*>(self)->end_row(c);
}

void CsvRows::end_row(int c) {
  const bool second_half = c == '\n' && after_cr_ && row_.ends.empty();
  after_cr_ = c == '\r';
  if (second_half) return;
  row_.line = line_;
  row_.ended = c != -1;
  line_ += 1 + lines_in(row_.text);
  if (!row_.text.empty()) listener_.row(row_);
  row_.text.clear();
  row_.ends.clear();
}

/// Why the row being read cannot go on like this; empty: it can.
std::string CsvRows::runaway() const {
  if (parser_.entry_pos > longest_cell)
    return parser_.quoted != 0
               ? "a quote is not closed in the row that begins here, or a quoted cell is longer than 1 MiB; "
                 "what "
                 "follows cannot be read"
               : "a cell is longer than 1 MiB in the row that begins here; what follows is not read";
  if (row_.text.size() > 8 * longest_cell)
    return "the row that begins here is longer than 8 MiB; what follows is not read";
  return {};
}

/// Reports the row being read and starts anew behind it.
void CsvRows::give_up() {
  const std::uint64_t more =
      lines_in(row_.text) +
      lines_in(std::string_view(reinterpret_cast<const char*>(parser_.entry_buf), parser_.entry_pos));
  if (more > 0)
    listener_.broken(line_, "a quote is not closed: the row that begins here runs to line " +
                                std::to_string(line_ + more));
  else
    listener_.broken(line_,
                     "a quote stands inside a cell: such a cell is quoted as a whole and its quotes doubled");
  line_ += more;
  row_.text.clear();
  row_.ends.clear();
  csv_free(&parser_);
  start_parser();
  after_cr_ = false;
}

void CsvRows::feed(std::string_view chunk) {
  while (!chunk.empty() && state_ != State::lost) {
    if (state_ == State::skipping_line) {
      const std::size_t end = chunk.find('\n');
      if (end == std::string_view::npos) return;
      chunk.remove_prefix(end + 1);
      ++line_;
      state_ = State::reading;
    }
    const std::size_t done = csv_parse(&parser_, chunk.data(), chunk.size(), on_cell, on_end, this);
    if (done == chunk.size()) {
      const std::string why = runaway();
      if (why.empty()) return;
      listener_.broken(line_, why);
      state_ = State::lost;
      return;
    }
    if (csv_error(&parser_) != CSV_EPARSE) throw std::bad_alloc();
    give_up();
    chunk.remove_prefix(done);
    state_ = State::skipping_line;
  }
}

void CsvRows::finish() {
  if (state_ != State::reading) return;
  const std::uint64_t line = line_;
  if (csv_fini(&parser_, on_cell, on_end, this) != 0) listener_.broken(line, not_closed);
}

}  // namespace usher
