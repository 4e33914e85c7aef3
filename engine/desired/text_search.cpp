#include "engine/desired/text_search.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "state/store/database.hpp"

namespace usher {

namespace {

constexpr std::size_t search_slices = 16;

char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Printable ASCII that JSON writes as it is.
bool is_as_written(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// JSON of letters beside ASCII, or with an escape, is not what it says byte for byte.
bool says_it_otherwise(std::string_view json) {
  return std::any_of(json.begin(), json.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '\\'; });
}

}  // namespace

TextFilter::TextFilter(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_as_written)) return;
  std::transform(text.begin(), text.end(), std::back_inserter(text_), lower_ascii);
}

bool TextFilter::operator()(std::string_view json) const {
  if (text_.empty() || says_it_otherwise(json)) return true;
  return std::search(json.begin(), json.end(), text_.begin(), text_.end(),
                     [](char a, char b) { return lower_ascii(a) == b; }) != json.end();
}

std::vector<Account> accounts_that_hold(Database& database, PlatformId platform, std::string_view text,
                                        std::size_t most,
                                        const std::function<bool(const AccountView&)>& is_it) {
  const TextFilter may_hold(text);
  const std::vector<RowSlice> slices = Snapshots(database.connection()).row_slices(platform, search_slices);
  std::vector<std::vector<Account>> parts(slices.size());
  tbb::parallel_for(std::size_t{0}, slices.size(), [&](std::size_t i) {
    Connection connection = database.reader();
    Snapshots(connection).for_each_alive(slices[i], [&](const AccountView& view) {
      if (parts[i].size() >= most || (!may_hold(view.attributes) && !may_hold(view.id))) return;
      if (is_it(view)) parts[i].push_back(view.account());
    });
  });
  std::vector<Account> found;
  for (std::vector<Account>& part : parts) std::move(part.begin(), part.end(), std::back_inserter(found));
  return found;
}

}  // namespace usher
