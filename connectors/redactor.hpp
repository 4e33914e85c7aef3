#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "state/model/failure.hpp"
#include "state/model/mutex.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// The secrets of one platform, and how they are taken out of texts that leave its connector: as they are,
/// percent-encoded, escaped in JSON or HTML, inside base64 at any offset, taken for Latin-1 or written as it,
/// and any of these inside another. Password hashes and tokens of well-known shape are taken out whoever they
/// belong to. A secret of fewer than four bytes is only found where it stands alone.
///
/// Threads: any number; secrets may be added while texts are cleaned.
class Redactor {
 public:
  /// From now on the text is a secret. An empty one is none.
  void add(std::string_view secret);
  /// The same for what passes by, the first secret of an account: only the newest few hundred are remembered.
  void add_passing(std::string_view secret);
  /// A value of an Authorization header: whole, and what follows its scheme.
  void add_authorization(std::string_view value);
  /// A URL that is a secret as a whole: it, its user, its password, its query values, and path segments that
  /// look like tokens; not its host.
  void add_url(std::string_view url);

  /// The text with "***" for every secret. longest: bytes of the text that matter; what follows is left out,
  /// after secrets that begin before the end were found.
  std::string clean(std::string_view text, std::size_t longest = std::string_view::npos) const;
  /// The failure with its texts cleaned.
  Failure clean(Failure failure) const;

 private:
  /// Byte ranges of a text.
  using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
  struct Needle {
    std::string text;
    bool base64 = false;      ///< the run of base64 around it goes too
    std::size_t secrets = 1;  ///< how many have it
  };

  void put(const std::string& secret) REQUIRES(mutex_);
  void remove(const std::string& secret) REQUIRES(mutex_);
  void put_needle(std::string text, bool base64) REQUIRES(mutex_);
  void remove_needle(const std::string& text, bool base64) REQUIRES(mutex_);
  void mark_secrets(std::string_view text, Ranges& found) const REQUIRES_SHARED(mutex_);
  bool may_begin(std::string_view text, std::size_t at) const REQUIRES_SHARED(mutex_);

  mutable SharedMutex mutex_;
  std::unordered_map<std::uint32_t, std::vector<Needle>> needles_
      GUARDED_BY(mutex_);  // by their first four bytes
  std::array<std::uint64_t, 1024> first_bytes_
      GUARDED_BY(mutex_){};  // which first four bytes there are, hashed
  std::set<std::string> known_ GUARDED_BY(mutex_), short_ GUARDED_BY(mutex_);
  std::deque<std::string> passing_ GUARDED_BY(mutex_);
  std::size_t longest_ GUARDED_BY(mutex_) = 0;
};

}  // namespace usher
