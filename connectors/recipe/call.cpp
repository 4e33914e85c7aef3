#include "connectors/recipe/call.hpp"

#include <algorithm>
#include <array>

#include "connectors/canonical.hpp"
#include "connectors/http/budget.hpp"
#include "state/model/excerpt.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/json_text.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

FailureKind kind_of(int status) {
  switch (status) {
    case 401:
      return FailureKind::refused;
    case 403:
      return FailureKind::denied;
    case 404:
    case 410:
      return FailureKind::gone;
    case 409:
    case 412:
    case 423:
      return FailureKind::conflict;
    case 425:
    case 429:
      return FailureKind::throttled;
    case 408:
      return FailureKind::unavailable;
    default:
      return status >= 500 && status != 501 ? FailureKind::unavailable : FailureKind::invalid;
  }
}

// Puts together what a platform says in several places, each thing once.
class Sentences {
 public:
  void add(const json& text) {
    if (!text.is_string() || text.get_ref<const std::string&>().empty()) return;
    const std::string& one = text.get_ref<const std::string&>();
    if (said_.find(one) == std::string::npos) said_ += (said_.empty() ? "" : "; ") + one;
  }

  void add(const json& body, std::initializer_list<const char*> places) {
    for (const char* place : places) {
      const json::json_pointer pointer(place);
      if (body.contains(pointer)) add(body.at(pointer));
    }
  }

  // A list of texts or of objects, or texts by the attribute that they are about.
  void add_errors(const json& errors) {
    constexpr std::size_t most = 5;
    std::size_t count = 0;
    for (const auto& [name, one] : errors.items()) {
      if (count++ == most) return;
      if (errors.is_array()) {
        one.is_object() ? add(one, {"/message", "/detail", "/title"}) : add(one);
        continue;
      }
      const json& first = one.is_array() && !one.empty() ? one.front() : one;
      if (first.is_string()) add(json(name + ": " + first.get<std::string>()));
    }
  }

  bool empty() const { return said_.empty(); }
  std::string take() { return std::move(said_); }

 private:
  std::string said_;
};

// The sentences a person can read, where platforms put them.
std::string sentence_of(const json& body) {
  if (body.is_string()) {
    const auto& text = body.get_ref<const std::string&>();
    return text.find('<') == std::string::npos ? text : std::string();
  }
  Sentences said;
  if (!body.is_structured()) return {};
  said.add(body, {"/message", "/error/message", "/error_description", "/detail"});
  if (const auto errors = body.find("errors");
      body.is_object() && errors != body.end() && errors->is_structured())
    said.add_errors(*errors);
  said.add(body, {"/error", "/errorSummary", "/errorMessage"});
  if (said.empty()) said.add(body, {"/title", "/text"});
  return said.take();
}

// Names of headers are the same in any case.
bool has_header(const http::Request& request, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
  });
}

constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_error_body = 64 << 10;  // what is read of a reply that only explains itself
constexpr std::size_t longest_error_text = 4096;

}  // namespace

RequestRunner::RequestRunner(std::shared_ptr<const Recipe> recipe, json config, http::Base base,
                             std::set<std::string> secret_options, std::shared_ptr<Redactor> redactor)
    : recipe_(std::move(recipe)),
      config_(std::move(config)),
      base_(std::move(base)),
      secret_options_(std::move(secret_options)),
      redactor_(std::move(redactor)) {}

Scope RequestRunner::scope() const {
  return Scope(*recipe_->language, config_);
}

std::string RequestRunner::clean(std::string_view text) const {
  std::string out = redactor_->clean(text, 2000);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return excerpt(out, longest_message);
}

std::string RequestRunner::digest() const {
  json plain = json::object();
  for (const Option& option : recipe_->options) {
    std::string name = option.name;
    std::replace(name.begin(), name.end(), '-', '_');
    if (option.type != "secret" && config_.contains(name)) plain[name] = config_.at(name);
  }
  return public_digest(recipe_->text + "\n" + recipe_->chosen + "\n" +
                       plain.dump(-1, ' ', false, json::error_handler_t::replace));
}

Failure RequestRunner::cannot(const Call& call, std::string why) const {
  Failure failure;
  failure.kind = FailureKind::invalid;
  failure.message = clean(why);
  failure.request = call.method + " of " + call.place.to_string();
  return failure;
}

tl::expected<std::optional<json>, std::string> RequestRunner::body(const Call& call, Scope& scope,
                                                                   const WriteRequest& payload) const {
  if (!payload.wrong.empty()) return tl::unexpected(payload.wrong);
  if (!call.body && !call.replace && !call.add && payload.attributes.empty()) return std::optional<json>();
  json result = call.replace && call.only.empty() ? payload.fresh : json::object();
  for (const std::string& path : call.only) {
    if (const json& kept = json_at(payload.fresh, path); !kept.is_null()) put_at(result, path, kept);
  }
  for (const std::string& path : call.without) erase_at(result, path);
  for (const auto& [path, value] : payload.attributes) put_at(result, path, value);
  if (call.body) {
    auto whole = call.body->evaluate(scope.set(Variable::written, result));
    if (!whole) return tl::unexpected(whole.error());
    return std::optional<json>(std::move(*whole));
  }
  if (call.add) {
    for (const BodyTemplate::Member& member : call.add->members) {
      auto value = member.value.evaluate(scope);
      const bool nothing =
          !value || value->is_null() || (value->is_string() && value->get<std::string>().empty());
      if (member.optional && nothing) continue;
      if (!value) return tl::unexpected(value.error());
      put_at(result, member.name, std::move(*value));
    }
  }
  return std::optional<json>(std::move(result));
}

bool RequestRunner::reads_secret(const Expression& expression) const {
  const cel::Program& program = expression.program();
  for (const Variable one : {Variable::secret, Variable::token, Variable::refresh_token, Variable::answer}) {
    if (program.uses(to_string(one))) return true;
  }
  if (!program.uses(to_string(Variable::config))) return false;
  const std::vector<std::string> fields = program.fields(to_string(Variable::config));
  return std::any_of(fields.begin(), fields.end(), [this](const std::string& field) {
    return field.empty() || secret_options_.count(field.substr(0, field.find('.'))) > 0;
  });
}

bool RequestRunner::reads_secret(const TextTemplate& text) const {
  return std::any_of(text.pieces().begin(), text.pieces().end(), [this](const TextTemplate::Piece& piece) {
    return piece.expression && reads_secret(*piece.expression);
  });
}

// Some platforms forget the filters of the request in the link to its next page.
RequestRunner::Target RequestRunner::followed(const Call& call, Scope& scope, const std::string& url) const {
  Target target;
  target.sent = url.substr(base_.origin().size());
  target.shown = target.sent;
  for (const auto& [name, text] : call.query) {
    const std::string parameter = http::encode(name) + "=";
    std::size_t kept = target.shown.find("?" + parameter);
    if (kept == std::string::npos) kept = target.shown.find("&" + parameter);
    if (kept != std::string::npos) {
      const std::size_t begin = kept + 1 + parameter.size();
      const std::size_t end = std::min(target.shown.find('&', begin), target.shown.size());
      if (reads_secret(text)) target.shown.replace(begin, end - begin, "***");
      continue;
    }
    const auto value = text.expand(scope, TextTemplate::For::value);
    if (!value || value->empty()) continue;
    const std::string joint = target.sent.find('?') == std::string::npos ? "?" : "&";
    target.sent += joint + parameter + http::encode(*value);
    target.shown += joint + parameter + (reads_secret(text) ? "***" : http::encode(*value));
  }
  return target;
}

Outcome<RequestRunner::Target> RequestRunner::target(const Call& call, Scope& scope,
                                                     const PageRequest& extra) const {
  if (extra.url) return followed(call, scope, *extra.url);
  const auto path = call.path.expand(scope, TextTemplate::For::path);
  if (!path) return tl::unexpected(cannot(call, path.error()));
  const auto hide = [this](const Expression& expression) { return reads_secret(expression); };
  Target target{*path, call.path.expand(scope, TextTemplate::For::path, hide).value_or("***")};
  const auto add = [&](const std::string& name, const std::string& encoded, bool secret) {
    const std::string joint = target.sent.find('?') == std::string::npos ? "?" : "&";
    target.sent += joint + http::encode(name) + "=" + encoded;
    target.shown += joint + http::encode(name) + "=" + (secret ? "***" : encoded);
  };
  for (const auto& [name, text] : call.query) {
    const auto value = text.expand(scope, TextTemplate::For::value);
    if (!value) return tl::unexpected(cannot(call, value.error()));
    if (!value->empty()) add(name, http::encode(*value), reads_secret(text));
  }
  for (const auto& [name, value] : extra.query) add(name, http::encode(value), false);
  return target;
}

json RequestRunner::without_secrets(const json& content) const {
  if (content.is_string()) return redactor_->clean(content.get_ref<const std::string&>());
  json cleaned = content;
  if (!content.is_structured()) return cleaned;
  for (auto& member : cleaned) member = without_secrets(member);
  return cleaned;
}

Outcome<http::Request> RequestRunner::build(const Call& call, Scope& scope, const WriteRequest& payload,
                                            const PageRequest& extra) const {
  http::Request request;
  request.method = call.method;
  request.login = call.login;
  request.secret_reply = call.secret_reply;
  if (!extra.page.is_null()) scope.set(Variable::page, extra.page);
  const auto where = target(call, scope, extra);
  if (!where) return tl::unexpected(where.error());
  request.url = extra.url ? base_.origin() + where->sent : base_.url(where->sent);
  request.shown = clean(call.method + " " + where->shown);
  const auto usual = [&request](const std::string& name, const char* value) {
    if (!has_header(request, name)) request.headers.emplace_back(name, value);
  };
  for (const auto* headers : {&recipe_->headers, &call.headers}) {
    for (const auto& [name, text] : *headers) {
      const auto value = text.expand(scope, TextTemplate::For::header);
      if (!value) return tl::unexpected(cannot(call, value.error()));
      if (!value->empty()) request.headers.emplace_back(name, *value);
    }
  }
  usual("Accept", "application/json");
  if (!call.form.empty()) {
    for (auto [name, text] : call.form) {
      const auto value = text.expand(scope, TextTemplate::For::value);
      if (name.ends_with('?')) {
        if (!value || value->empty()) continue;
        name.pop_back();
      }
      if (!value) return tl::unexpected(cannot(call, value.error()));
      request.body += (request.body.empty() ? "" : "&") + http::encode(name) + "=" + http::encode(*value);
    }
    usual("Content-Type", "application/x-www-form-urlencoded");
    return request;
  }
  auto content = body(call, scope, payload);
  if (!content) return tl::unexpected(cannot(call, content.error()));
  if (*content) {
    json whole = std::move(**content);
    if (!call.wrap.empty()) {
      json inner = std::exchange(whole, json::object());
      put_at(whole, call.wrap, std::move(inner));
    }
    request.body = whole.dump(-1, ' ', false, json::error_handler_t::replace);
    usual("Content-Type", "application/json");
  }
  return request;
}

Outcome<Reply> RequestRunner::judge(const Call& call, Scope& scope, const http::Request& request,
                                    http::Response response) const {
  const bool success = response.status >= 200 && response.status < 300;
  const auto asks = [&](const ErrorRule& rule) { return !success || rule.any_status; };
  const bool asked = std::any_of(call.errors.begin(), call.errors.end(), asks) ||
                     std::any_of(recipe_->errors.begin(), recipe_->errors.end(), asks);
  json content;
  if (!success || asked || call.expect) {
    const std::string_view whole = response.body;
    const bool large = !success && whole.size() > longest_error_body;
    content = large ? json(json::value_t::discarded) : parse_json(whole);
    if (content.is_discarded()) content = redactor_->clean(whole, longest_error_text);
    scope.set(Variable::body, content);
    json headers = json::object();
    for (const auto& [name, value] : response.headers) headers[name] = value;
    scope.set(Variable::headers, headers);
    scope.set(Variable::status, response.status);
  }
  const ErrorRule* decisive = nullptr;
  for (const auto* rules : {&call.errors, &recipe_->errors}) {
    for (const ErrorRule& rule : *rules) {
      if (decisive == nullptr && asks(rule) && rule.when.holds(scope)) decisive = &rule;
    }
  }
  Reply reply;
  reply.url = request.url;
  reply.shown = request.shown;
  const bool done = decisive != nullptr ? decisive->verdict == Verdict::done : success;
  if (done) {
    if (call.expect && !call.expect->holds(scope)) {
      Failure failure =
          cannot(call, call.expect_message.empty()
                           ? "the reply is not what " + call.expect->place().to_string() + " expects"
                           : call.expect_message);
      failure.status = response.status;
      failure.request = request.shown;
      // An answer that can be read is the outcome; one that cannot leaves it open.
      failure.may_have_happened = !request.reads() && content.is_string();
      return tl::unexpected(std::move(failure));
    }
    reply.response = std::move(response);
    return reply;
  }
  Failure failure;
  failure.status = response.status;
  failure.request = request.shown;
  failure.kind =
      decisive != nullptr && decisive->verdict == Verdict::failed ? decisive->kind : kind_of(response.status);
  std::string sentence = sentence_of(content);
  if (response.status >= 300 && response.status < 400) {
    sentence = "the platform points to " + std::string(response.header("location")) +
               "; redirects are not followed: correct the URL";
  }
  if (decisive != nullptr && decisive->message) {
    scope.set(Variable::body, without_secrets(content));
    if (const auto said = decisive->message->evaluate(scope); said && said->is_string())
      sentence = said->get<std::string>();
  }
  failure.message = sentence.empty() ? "no explanation" : clean(sentence);
  failure.may_have_happened = !request.reads() && failure.kind == FailureKind::unavailable;
  if (failure.kind == FailureKind::throttled || failure.kind == FailureKind::unavailable) {
    failure.retry_after = http::retry_after(response.header("retry-after"), std::chrono::system_clock::now());
  }
  if (decisive != nullptr && decisive->wait) {
    if (const auto seconds = decisive->wait->evaluate(scope); seconds && seconds->is_number()) {
      const double bounded = std::clamp(seconds->get<double>(), 0.0, 365.0 * 24 * 3600);
      failure.retry_after = std::chrono::milliseconds(static_cast<std::int64_t>(bounded * 1000));
    }
  }
  if (decisive == nullptr || decisive->verdict != Verdict::read_back)
    return tl::unexpected(std::move(failure));
  reply.read_back = true;
  reply.doubt = std::move(failure);
  return reply;
}

Outcome<Reply> RequestRunner::send(http::Transport& transport, const Call& call, Scope& scope,
                                   const WriteRequest& payload, const PageRequest& extra,
                                   std::stop_token stop) const {
  auto request = build(call, scope, payload, extra);
  if (!request) return tl::unexpected(std::move(request.error()));
  auto response = transport.send(*request, stop);
  if (!response) return tl::unexpected(std::move(response.error()));
  return judge(call, scope, *request, std::move(*response));
}

}  // namespace usher::recipe
