#pragma once

#include <curl/curl.h>

#include <memory>

namespace usher::http {

struct CurlCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

/// An easy handle of libcurl with its connections; one thread at a time.
using CurlHandle = std::unique_ptr<CURL, CurlCleanup>;

}  // namespace usher::http
