#include "connectors/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <optional>
#include <vector>

#include "connectors/http/connection_hint.hpp"
#include "connectors/http/curl_handle.hpp"
#include "connectors/http/trust.hpp"
#include "state/model/mutex.hpp"

namespace usher::http {
namespace {

constexpr std::size_t json_padding = 64;      // what simdjson reads past the end of a text
constexpr long longest_idle_for_a_write = 3;  // seconds: many servers close after five
constexpr std::chrono::seconds surely_kept{
    1};  // no server with a time-out for idle connections closes so soon

struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

// What the callbacks of one request know.
struct Transfer {
  const Request& request;
  const std::stop_token& stop;
  std::size_t max_body;
  Response response;
  bool sent = false;       // a connection stood and the request was about to leave
  bool too_large = false;  // the reply went over the limit
  bool doubled = false;    // libcurl was about to send a write a second time
  bool died = false;       // the connection it left on ended before the reply began
  bool no_memory = false;  // a callback ran out of memory; what it threw must not pass through libcurl

  /// Whether its outcome is waited for although a stop was asked for.
  bool counts() const { return sent && !request.reads() && !request.login; }
};

/// Runs a callback's work; `failed` is its answer where memory runs out.
template <class Result, class Work>
Result guarded(Transfer& transfer, Result failed, Work work) noexcept {
  try {
    return work();
  } catch (...) {
    transfer.no_memory = true;
    return failed;
  }
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  std::string& body = transfer.response.body;
  if (body.size() + bytes > transfer.max_body) {
    transfer.too_large = true;
    return 0;
  }
  return guarded(transfer, std::size_t{0}, [&] {
    if (body.capacity() < body.size() + bytes + json_padding) {
      body.reserve(std::max(body.size() * 2, body.size() + bytes + json_padding));
    }
    body.append(data, bytes);
    return bytes;
  });
}

/// Room for the whole body at once, where the platform says how long it will be.
void expect_body(Transfer& transfer, std::string_view length) {
  std::size_t bytes = 0;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), bytes);
  if (read.ec == std::errc() && bytes <= transfer.max_body)
    transfer.response.body.reserve(bytes + json_padding);
}

void take_header(Transfer& transfer, std::string_view line) {
  Response& response = transfer.response;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) response.headers.clear();  // an interim reply came before this one
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (name == "content-length") expect_body(transfer, value);
  response.headers.emplace_back(std::move(name), value);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  return guarded(transfer, std::size_t{0}, [&] {
    take_header(transfer, std::string_view(data, size * count));
    return size * count;
  });
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(self);
  return transfer.stop.stop_requested() && !transfer.counts() ? 1 : 0;
}

// Called when a connection stands and the request is about to leave. libcurl repeats a request by itself when
// a kept connection dies before the first byte of the reply; the server may have acted on the first one.
int on_leaving(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.died = transfer.died || transfer.sent;
  if (transfer.sent && !transfer.request.reads()) {
    transfer.doubled = true;
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.sent = true;
  return CURL_PREREQFUNC_OK;
}

bool says_close(const Response& response) {
  std::string value(response.header("connection"));
  for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return value.find("close") != std::string::npos;
}

HeaderList header_list(const Request& request) {
  curl_slist* list = nullptr;
  bool typed = false;
  for (const auto& [name, value] : request.headers) {
    typed = typed || name == "Content-Type";
    list = curl_slist_append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  if (!typed) list = curl_slist_append(list, "Content-Type:");  // none, rather than libcurl's form type
  list = curl_slist_append(list, "Expect:");
  return HeaderList(list);
}

void set_method(CURL* curl, const Request& request) {
  if (request.method == "GET") {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    return;
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_options(CURL* curl, const ClientOptions& options) {
  const auto seconds = [](std::chrono::milliseconds time) {
    return std::max(1L, static_cast<long>((time.count() + 999) / 1000));
  };
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, seconds(options.stall_timeout));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (options.compressed) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (!options.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());
  static const std::string trusted = trusted_certificates().string();
  const std::string& certificates = options.ca_file.empty() ? trusted : options.ca_file;
  if (!certificates.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, certificates.c_str());
}

void set_callbacks(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, &on_leaving);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, &transfer);
}

/// base: the address to look at for a hint; null once the server has answered, for then the address is right.
Failure failure_of(CURLcode code, const char* detail, const Transfer& transfer, const ClientOptions& options,
                   const Base* base) {
  Failure failure;
  failure.request = transfer.request.shown;
  failure.may_have_happened = transfer.sent && !transfer.request.reads();
  if (transfer.too_large) {
    failure.kind = FailureKind::malformed;
    failure.message = "the reply is larger than " + std::to_string(options.max_body) +
                      " bytes: ask for smaller pages, or raise max-reply";
    return failure;
  }
  if (code == CURLE_ABORTED_BY_CALLBACK && !transfer.doubled && transfer.stop.stop_requested()) {
    failure.kind = FailureKind::stopped;
    failure.message = "stopped before the reply was complete";
    return failure;
  }
  failure.kind = transfer.sent ? FailureKind::cut : FailureKind::unreachable;
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  if (transfer.doubled) {
    failure.message = "the connection was closed before the reply began";
  } else if (code == CURLE_BAD_CONTENT_ENCODING) {
    failure.kind = FailureKind::malformed;
    failure.message = "the reply's compression is broken: " + what;
  } else {
    failure.message = (transfer.sent ? "no complete reply: " : "no connection: ") + what;
    const ConnectionHint hint =
        base == nullptr ? ConnectionHint() : connection_hint({code, what}, *base, options);
    failure.message += hint.text;
    if (hint.speaks_tls) failure.kind = FailureKind::unreachable;
  }
  return failure;
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

struct Client::Pool {
  /// A handle with its connections, and what is known of the one it used last.
  struct Lent {
    CurlHandle handle;
    std::optional<std::chrono::steady_clock::time_point> kept_since = {};  ///< a reply promised to keep it
  };
  Mutex mutex;
  std::vector<Lent> idle GUARDED_BY(mutex);

  Lent take() {
    {
      const MutexLock lock(mutex);
      if (!idle.empty()) {
        Lent lent = std::move(idle.back());
        idle.pop_back();
        return lent;
      }
    }
    Lent fresh{CurlHandle(curl_easy_init())};
    if (!fresh.handle) throw std::bad_alloc();
    return fresh;
  }
  void give_back(Lent lent) {
    curl_easy_reset(lent.handle.get());  // keeps its connections
    const MutexLock lock(mutex);
    idle.push_back(std::move(lent));
  }
};

Client::Client(Base base, ClientOptions options)
    : base_(std::move(base)), options_(std::move(options)), pool_(std::make_unique<Pool>()) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

Client::~Client() = default;

std::optional<Failure> Client::not_of_platform(const Response& response, const Request& request) const {
  const char* message = nullptr;
  if (response.status == 407) {
    message = proxy_asks_text;
  } else if (!answered_ && is_answer_of_tls_port(response.status, response.body, base_, options_)) {
    message = speaks_tls_text;
  }
  if (message == nullptr) return std::nullopt;
  return Failure{.kind = FailureKind::unreachable,
                 .status = response.status,
                 .message = message,
                 .request = request.shown};
}

Outcome<Response> Client::send(const Request& request, std::stop_token stop) {
  const std::string origin = base_.origin();
  const bool own = request.url.starts_with(origin) &&
                   (request.url.size() == origin.size() || request.url[origin.size()] == '/' ||
                    request.url[origin.size()] == '?');
  if (!own) {
    return fail(FailureKind::malformed, "refused to leave " + origin, request.shown);
  }
  if (stop.stop_requested()) {
    return fail(FailureKind::stopped, "stopped before it was sent", request.shown);
  }
  Pool::Lent lent = pool_->take();
  Transfer transfer{.request = request, .stop = stop, .max_body = options_.max_body, .response = {}};
  const HeaderList headers = header_list(request);
  std::array<char, CURL_ERROR_SIZE> detail{};
  CURL* curl = lent.handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  set_options(curl, options_);
  set_method(curl, request);
  set_callbacks(curl, transfer);
  if (!request.reads()) {
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, closes_silently_ ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, longest_idle_for_a_write);
  }
  const auto began = std::chrono::steady_clock::now();
  const CURLcode code = curl_easy_perform(curl);
  long status = 0, connects = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
  const bool closed_at_once = connects > 0 && lent.kept_since && began - *lent.kept_since < surely_kept;
  if (transfer.died || closed_at_once) closes_silently_ = true;
  lent.kept_since.reset();
  if (code == CURLE_OK && !says_close(transfer.response)) lent.kept_since = std::chrono::steady_clock::now();
  pool_->give_back(std::move(lent));
  if (transfer.no_memory) throw std::bad_alloc();
  if (code != CURLE_OK)
    return tl::unexpected(failure_of(code, detail.data(), transfer, options_, answered_ ? nullptr : &base_));
  transfer.response.status = static_cast<int>(status);
  if (auto other = not_of_platform(transfer.response, request)) return tl::unexpected(std::move(*other));
  answered_ = true;
  transfer.response.body.reserve(transfer.response.body.size() + json_padding);
  return std::move(transfer.response);
}

}  // namespace usher::http
