#include "tests/unit/sandbox/client.hpp"

#include <httplib.h>

#include "examples/sandbox/text.hpp"

namespace usher::sandbox {
namespace {

Options options_for(const std::string& platform, Options options) {
  options.platforms = {platform};
  if (!options.epoch) options.epoch = "2024-06-01T00:00:00Z";
  return options;
}

Options sized(std::size_t users) {
  Options options;
  options.users = users;
  return options;
}

}  // namespace

Answer call(const std::string& url, const std::string& method, const std::string& path,
            const std::string& body, const std::string& authorization) {
  httplib::Client client(url);
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) request.set_header("Content-Type", "application/json");
  if (!authorization.empty()) request.set_header("Authorization", authorization);
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  Answer answer;
  answer.whole = client.send(request, response, error);
  answer.status = answer.whole ? response.status : 0;
  answer.body = response.body;
  for (const auto& [name, value] : response.headers) answer.headers[name] = value;
  return answer;
}

std::string basic_of(const std::string& identity, const std::string& secret) {
  std::string coded = base64url(identity + ':' + secret);
  for (char& letter : coded) letter = letter == '-' ? '+' : letter == '_' ? '/' : letter;
  while (coded.size() % 4 != 0) coded += '=';
  return "Basic " + coded;
}

Played::Played(const std::string& name, std::size_t users) : Played(name, sized(users)) {}

Played::Played(const std::string& name, Options options)
    : platform(name), server(options_for(name, std::move(options))), url(server.url(name)) {
  log_in();
}

void Played::log_in() {
  const auto login = server.login(platform);
  const std::string identity = login["identity"], secret = login["secret"];
  if (platform == "mainflux") {
    const auto pair =
        send("POST", "/users/tokens/issue", {{"identity", identity}, {"secret", secret}}).json();
    authorization = "Bearer " + pair["access_token"].get<std::string>();
    refresh_token = pair["refresh_token"];
  } else if (platform == "gr4vy") {
    const auto pair =
        send("POST", "/auth/sessions", {{"email_address", identity}, {"password", secret}}).json();
    authorization = "Bearer " + pair["access_token"].get<std::string>();
    refresh_token = pair["refresh_token"];
  } else {
    authorization = basic_of(identity, secret);
  }
}

}  // namespace usher::sandbox
