#include "engine/notify/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "connectors/http/client.hpp"
#include "connectors/redactor.hpp"
#include "engine/runtime/version.hpp"
#include "rules/config/command.hpp"
#include "rules/config/references.hpp"

namespace usher {

namespace {

std::string run_notify_command(const NotifyRule& rule, const std::string& body, const std::string& event,
                               const std::string& line) {
  const CommandInput input{body, {{"USHER_EVENT", event}, {"USHER_TEXT", line}}};
  const CommandResult result = run_command(rule.command, rule.directory, rule.timeout, input);
  if (result.failure.empty()) return {};
  return fmt::format("the command {}{}{}", result.failure, result.first_error_line.empty() ? "" : ": ",
                     result.first_error_line);
}

/// Puts secrets in and remembers them; says what is wrong with one.
std::string resolve(const std::string& text, const NotifyRule& rule, Redactor& redactor,
                    std::string& resolved) {
  resolved = text;
  if (!has_reference(text)) return {};
  const auto found = resolve_references(text, rule.directory, true);
  if (!found) return found.error();
  for (const std::string& part : found->parts) redactor.add(part);
  resolved = found->text;
  return {};
}

/// "https://host:1/a?b" as "https://host:1" and "/a?b".
std::pair<std::string, std::string> split(const std::string& url) {
  const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  std::string rest = url.substr(path, std::min(url.find('#', path), url.size()) - path);
  if (!rest.starts_with('/')) rest.insert(rest.begin(), '/');
  return {url.substr(0, path), rest};
}

std::string post(const NotifyRule& rule, const std::string& body, Redactor& redactor, std::stop_token stop) {
  std::string url;
  if (std::string wrong = resolve(rule.webhook, rule, redactor, url); !wrong.empty()) return wrong;
  if (url != rule.webhook) redactor.add_url(url);
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  for (const auto& [name, text] : rule.headers) {
    std::string value;
    if (std::string wrong = resolve(text, rule, redactor, value); !wrong.empty()) return wrong;
    redactor.add_authorization(value);
    request.headers.emplace_back(name, value);
  }
  const auto [origin, path] = split(url);
  const auto base = http::parse_base(origin);
  if (!base) return "the webhook " + base.error();
  request.url = base->origin() + path;
  request.shown = fmt::format("POST to {}", base->host);
  http::ClientOptions options;
  options.connect_timeout = options.stall_timeout = options.total_timeout = rule.timeout;
  options.max_body = std::size_t{1} << 20U;
  options.user_agent = fmt::format("usher/{}", version());
  http::Client client(*base, options);
  const auto response = client.send(request, std::move(stop));
  if (!response) return describe(response.error());
  if (response->status >= 200 && response->status < 300) return {};
  return fmt::format("{} was answered with {}", request.shown, response->status);
}

}  // namespace

std::string deliver(const NotifyRule& rule, const std::string& body, const std::string& event,
                    const std::string& line, std::stop_token stop) {
  Redactor redactor;
  try {
    const std::string failure = rule.command.empty() ? post(rule, body, redactor, std::move(stop))
                                                     : run_notify_command(rule, body, event, line);
    return redactor.clean(failure);
  } catch (const std::exception& error) {
    return redactor.clean(error.what());
  }
}

}  // namespace usher
