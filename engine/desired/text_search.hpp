#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/snapshots.hpp"

namespace usher {

/// Tells fast of most JSON texts that they do not hold a text, whatever the case of its letters. Safe from
/// any thread.
class TextFilter {
 public:
  /// text: in any case; no answer is false of a text that has letters beside ASCII, or what JSON escapes.
  explicit TextFilter(std::string_view text);

  /// False: it does not hold the text. True says nothing where either has letters beside ASCII or an escape.
  bool operator()(std::string_view json) const;

 private:
  std::string text_;  // in lower case; empty: nothing can be told
};

/// The living accounts of a platform for which `is_it` holds, in row order; it is asked, on several threads,
/// of those whose id or attributes may hold the text, whatever the case of its letters. most: of each of 16
/// slices at most so many.
std::vector<Account> accounts_that_hold(Database& database, PlatformId platform, std::string_view text,
                                        std::size_t most,
                                        const std::function<bool(const AccountView&)>& is_it);

}  // namespace usher
