#include "rules/yaml/diagnostics.hpp"

#include <algorithm>
#include <tuple>

namespace usher {
namespace {

auto order(const Diagnostic& m) {
  return std::tie(m.place.file, m.place.line, m.place.column, m.message);
}

std::vector<Diagnostic> in_order(std::vector<Diagnostic> mistakes) {
  std::sort(mistakes.begin(), mistakes.end(),
            [](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); });
  const auto same = [](const Diagnostic& a, const Diagnostic& b) { return order(a) == order(b); };
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end(), same), mistakes.end());
  return mistakes;
}

}  // namespace

Diagnostics::Diagnostics(std::string file, std::vector<std::string> lines)
    : file_(std::move(file)), lines_(std::move(lines)) {}

Diagnostic Diagnostics::at(const SourceLocation& place, std::string message) const {
  const auto index = static_cast<std::size_t>(place.line) - 1;
  const bool known = place.file == file_ && place.line > 0 && index < lines_.size();
  return {place, std::move(message), known ? lines_[index] : std::string()};
}

void Diagnostics::add(const SourceLocation& place, std::string message) {
  mistakes_.push_back(at(place, std::move(message)));
}

void Diagnostics::warn(const SourceLocation& place, std::string message) {
  warnings_.push_back(at(place, std::move(message)));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  return in_order(mistakes_);
}
std::vector<Diagnostic> Diagnostics::warnings() const {
  return in_order(warnings_);
}

}  // namespace usher
