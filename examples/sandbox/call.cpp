#include "examples/sandbox/call.hpp"

#include <nlohmann/json.hpp>

namespace usher::sandbox {

std::vector<std::string_view> Call::segments() const {
  std::vector<std::string_view> result;
  const std::string_view all = path;
  std::size_t begin = 0;
  while (begin < all.size()) {
    const std::size_t end = std::min(all.find('/', begin), all.size());
    if (end > begin) result.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::string Call::parameter(const std::string& name, std::string fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? std::move(fallback) : found->second;
}

Reply json_reply(int status, const nlohmann::json& body) {
  Reply reply;
  reply.status = status;
  reply.body = body.dump();
  return reply;
}

Reply empty_reply(int status) {
  Reply reply;
  reply.status = status;
  reply.content_type.clear();
  return reply;
}

}  // namespace usher::sandbox
