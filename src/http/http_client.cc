// Each call takes handles of its own and puts them back. The last that were put back are taken first: their
// connections are the most likely to be still open. Rejected: one multi handle for all calls (it needs a
// thread and a queue, and one slow caller would hold up all others); sharing connections between handles
// (CURLSH), which libcurl does not promise to be safe between threads.
#include "http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "http/transfer.h"

namespace fovea {

namespace {

// As many as requests that are answered at the same time by default; more handles than this are closed after
// use.
constexpr std::size_t idle_handles_max = 64;

// Called before any thread of ours uses libcurl. Never undone: other parts of the process may use it too.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(started == CURLE_OK, "libcurl starts");
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

constexpr std::array<const char*, 7> method_names = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

}  // namespace

std::optional<HttpMethod> http_method(std::string_view name) {
  const auto found = std::ranges::find(method_names, name);
  if (found == method_names.end()) return std::nullopt;
  return static_cast<HttpMethod>(found - method_names.begin());
}

const char* to_string(HttpMethod method) { return method_names[static_cast<std::size_t>(method)]; }

std::string_view HttpHead::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const HttpHeader& header) { return same_name(header.name, name); });
  return found == headers.end() ? std::string_view() : found->value;
}

struct HttpClient::State {
  const AddressRule addresses;
  Mutex mutex;
  std::vector<std::unique_ptr<CurlHandles>> idle FOVEA_GUARDED_BY(mutex);

  std::unique_ptr<CurlHandles> take() {
    {
      MutexLock lock(mutex);
      if (!idle.empty()) {
        auto handles = std::move(idle.back());
        idle.pop_back();
        return handles;
      }
    }
    return open_handles();
  }

  void put_back(std::unique_ptr<CurlHandles> handles) {
    MutexLock lock(mutex);
    if (idle.size() < idle_handles_max) idle.push_back(std::move(handles));
  }
};

HttpClient::HttpClient(AddressRule addresses) {
  start_libcurl();
  state_.reset(new State{.addresses = addresses});
}

HttpClient::~HttpClient() = default;

Result<HttpHead> HttpClient::send(const HttpRequest& request, const OnHead& on_head, const OnBody& on_body,
                                  const std::stop_token& stop) {
  auto handles = state_->take();
  auto head = Transfer(*handles, state_->addresses, request, on_head, on_body).run(stop);
  state_->put_back(std::move(handles));
  return head;
}

}  // namespace fovea
