#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace usher {

/// SHA-256 of a text that comes in pieces. Nobody makes two texts of one digest.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view piece);
  /// 64 lower-case hexadecimal digits. Nothing may be added afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same of one text.
std::string sha256(std::string_view text);

}  // namespace usher
