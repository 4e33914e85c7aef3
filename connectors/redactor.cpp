#include "connectors/redactor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "connectors/secret_shapes.hpp"
#include "connectors/text_views.hpp"
#include "state/model/excerpt.hpp"

namespace usher {
namespace {

constexpr std::size_t shortest_anywhere = 4;  // a shorter secret only counts where it stands alone
constexpr std::size_t most_passing = 256;
constexpr std::size_t longest_encoding = 12;  // bytes that one byte may take when it is escaped twice
constexpr std::string_view stars = "***";

std::uint32_t first_four(std::string_view text, std::size_t at = 0) {
  std::uint32_t value = 0;
  std::memcpy(&value, text.data() + at, sizeof value);
  return value;
}

std::size_t bit_of(std::uint32_t first) {
  return (first * 2654435761U) >> 16;
}

bool is_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '-' || c == '_' || c == '=';
}

/// A path segment that is more than a word: long, or letters and digits mixed.
bool looks_like_token(std::string_view segment) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool digits = std::any_of(segment.begin(), segment.end(), is_digit);
  const bool others = !std::all_of(segment.begin(), segment.end(), is_digit);
  return segment.size() >= 20 || (segment.size() >= 8 && digits && others);
}

/// A secret in hexadecimal digits, and percent-encoded (RFC 3986 §2.3): for what is base64 of that.
void add_encoded(const std::string& secret, std::vector<std::string>& forms) {
  std::string lower, upper, percent;
  for (const char c : secret) {
    const auto byte = static_cast<unsigned char>(c);
    lower += fmt::format("{:02x}", byte);
    upper += fmt::format("{:02X}", byte);
    const bool unreserved =
        byte < 0x80 && (is_word(c) || std::string_view("-._~").find(c) != std::string_view::npos);
    percent += unreserved ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  if (percent != secret) forms.push_back(std::move(percent));
  if (upper != lower) forms.push_back(std::move(upper));
  forms.push_back(std::move(lower));
}

/// In every character set that it may come back in, and each of these as it is and encoded.
std::vector<std::string> forms_of(const std::string& secret) {
  constexpr std::size_t shortest = 8;  // of what is looked for in digits
  std::vector<std::string> forms = charset_forms(secret);
  const std::vector<std::string> plain = forms;
  for (const std::string& form : plain)
    if (form.size() >= shortest) add_encoded(form, forms);
  return forms;
}

}  // namespace

void Redactor::put(const std::string& secret) {
  for (std::string& form : forms_of(secret)) {
    longest_ = std::max(longest_, form.size());
    if (form.size() < shortest_anywhere) {
      short_.insert(std::move(form));
      continue;
    }
    for (std::string& core : base64_cores(form)) put_needle(std::move(core), true);
    put_needle(std::move(form), false);
  }
}

void Redactor::put_needle(std::string text, bool base64) {
  if (text.size() < shortest_anywhere) return;
  const std::uint32_t first = first_four(text);
  first_bytes_[bit_of(first) / 64] |= std::uint64_t{1} << bit_of(first) % 64;
  std::vector<Needle>& bucket = needles_[first];
  const auto same = std::find_if(bucket.begin(), bucket.end(),
                                 [&](const Needle& one) { return one.text == text && one.base64 == base64; });
  if (same != bucket.end())
    ++same->secrets;
  else
    bucket.push_back({std::move(text), base64});
}

void Redactor::remove(const std::string& secret) {
  for (const std::string& form : forms_of(secret)) {
    if (form.size() < shortest_anywhere) {
      short_.erase(form);
      continue;
    }
    for (const std::string& core : base64_cores(form)) remove_needle(core, true);
    remove_needle(form, false);
  }
}

/// Two secrets with the same beginning have parts of base64 in common.
void Redactor::remove_needle(const std::string& text, bool base64) {
  if (text.size() < shortest_anywhere) return;
  const auto found = needles_.find(first_four(text));
  if (found == needles_.end()) return;
  std::erase_if(found->second,
                [&](Needle& one) { return one.text == text && one.base64 == base64 && --one.secrets == 0; });
  if (found->second.empty()) needles_.erase(found);  // its bit stays: that only costs a look
}

void Redactor::add(std::string_view secret) {
  if (secret.empty()) return;
  const WriteLock lock(mutex_);
  const std::string text(secret);
  if (!known_.insert(text).second) return;
  if (std::erase(passing_, text) == 0) put(text);  // else it is there already, and stays now
}

void Redactor::add_passing(std::string_view secret) {
  if (secret.empty()) return;
  const WriteLock lock(mutex_);
  const std::string text(secret);
  if (known_.count(text) > 0 || std::find(passing_.begin(), passing_.end(), text) != passing_.end()) return;
  put(text);
  passing_.push_back(text);
  if (passing_.size() <= most_passing) return;
  remove(passing_.front());
  passing_.pop_front();
}

void Redactor::add_authorization(std::string_view value) {
  add(value);
  const std::size_t space = value.find(' ');
  if (space != std::string_view::npos) add(value.substr(space + 1));
}

void Redactor::add_url(std::string_view url) {
  add(url);
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  const std::size_t slash = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const std::size_t colon = user.find(':');
    add(user);
    add(user.substr(0, colon));
    if (colon != std::string_view::npos) add(user.substr(colon + 1));
  }
  if (slash == std::string_view::npos) return;
  rest.remove_prefix(slash);
  const std::size_t question = rest.find_first_of("?#");
  std::string_view path = rest.substr(0, question);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (looks_like_token(path.substr(0, end))) add(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&#"), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    add(equals == std::string_view::npos ? pair : pair.substr(equals + 1));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

bool Redactor::may_begin(std::string_view text, std::size_t at) const {
  const std::size_t bit = bit_of(first_four(text, at));
  return (first_bytes_[bit / 64] >> bit % 64 & 1) != 0;
}

void Redactor::mark_secrets(std::string_view text, Ranges& found) const {
  std::size_t run_end = 0;  // of the last run of base64 that was found
  for (std::size_t at = 0; at + shortest_anywhere <= text.size(); ++at) {
    if (!may_begin(text, at)) continue;
    const auto bucket = needles_.find(first_four(text, at));
    if (bucket == needles_.end()) continue;
    for (const Needle& needle : bucket->second) {
      if (!text.substr(at).starts_with(needle.text)) continue;
      std::size_t begin = at, end = at + needle.text.size();
      if (needle.base64 && end <= run_end) continue;  // the run it stands in is found already
      while (needle.base64 && begin > 0 && is_base64(text[begin - 1])) --begin;
      while (needle.base64 && end < text.size() && is_base64(text[end])) ++end;
      if (needle.base64) run_end = end;
      found.emplace_back(begin, end);
    }
  }
  for (const std::string& secret : short_) {
    for (std::size_t at = text.find(secret); at != std::string_view::npos; at = text.find(secret, at + 1)) {
      const std::size_t end = at + secret.size();
      const bool alone = (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
      if (alone) found.emplace_back(at, end);
    }
  }
}

std::string Redactor::clean(std::string_view text, std::size_t longest) const {
  const ReadLock lock(mutex_);
  const std::size_t matters = whole_characters(text, longest);
  const std::size_t slack =
      std::min(text.size() - matters, std::max<std::size_t>(longest_, 64) * longest_encoding);
  Ranges found;
  for (const TextView& view : decoded_views(text.substr(0, matters + slack))) {
    Ranges here;
    mark_secrets(view.text, here);
    mark_secret_shapes(view.text, here);
    for (const auto& [begin, end] : here) found.emplace_back(view.from[begin], view.from[end]);
  }
  std::sort(found.begin(), found.end());
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, end] : found) {
    if (begin >= matters) break;
    if (end <= at) continue;
    if (begin > at || at == 0) {
      out.append(text, at, begin - at);
      out += stars;
    }
    at = end;
  }
  if (at < matters) out.append(text, at, matters - at);
  return out;
}

Failure Redactor::clean(Failure failure) const {
  failure.message = clean(std::string_view(failure.message));
  failure.request = clean(std::string_view(failure.request));
  return failure;
}

}  // namespace usher
