// libcurl's multi interface is driven here by the calling thread: perform, hand on what came, wait. Its
// callbacks only store bytes, so that the caller's functions run between libcurl's calls, and what they throw
// does not pass through C.
#include "http/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "fovea/version.h"
#include "http/public_address.h"

namespace fovea {

namespace {

// Handles are used by one call at a time, but successive calls go to several hosts.
constexpr long connections_max = 4;
// libcurl's own timers wake the wait earlier; this only bounds how late the idle limit is noticed.
constexpr int wait_ms_max = 200;

// Names of headers are tokens (RFC 9110). A value with a line break would add a header of its own.
bool can_be_sent(const HttpHeader& header) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const auto in_token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.contains(c);
  };
  return !header.name.empty() && std::ranges::all_of(header.name, in_token) &&
         std::ranges::none_of(header.value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_content_type(std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(name, std::string_view("content-type"), {}, lower);
}

// Rounded up: libcurl reads 0 as no limit.
long whole_ms(double ms) {
  constexpr double never = std::numeric_limits<int>::max();
  return static_cast<long>(std::clamp(std::ceil(ms), 1.0, never));
}

}  // namespace

std::unique_ptr<CurlHandles> open_handles() {
  auto handles = std::make_unique<CurlHandles>();
  handles->multi.reset(curl_multi_init());
  handles->easy.reset(curl_easy_init());
  check(handles->multi != nullptr && handles->easy != nullptr, "libcurl has memory for a connection");
  curl_multi_setopt(handles->multi.get(), CURLMOPT_MAXCONNECTS, connections_max);
  return handles;
}

Transfer::Transfer(CurlHandles& handles, AddressRule addresses, const HttpRequest& request, const OnHead& on_head,
                   const OnBody& on_body)
    : handles_(handles),
      addresses_(addresses),
      request_(request),
      on_head_(on_head),
      on_body_(on_body),
      moved_at_ms_(Clock::steady().now_ms()) {}

Transfer::~Transfer() {
  curl_multi_remove_handle(handles_.multi.get(), handles_.easy.get());
  curl_easy_reset(handles_.easy.get());
}

Result<HttpHead> Transfer::run(const std::stop_token& stop) {
  if (auto ready = set_up(); !ready) return std::unexpected(ready.error());
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(handles_.multi.get()); });
  for (;;) {
    if (stop.stop_requested()) return std::unexpected(error(Fault::cancelled, "the caller stopped the request"));
    auto complete = step();
    if (!complete) return std::unexpected(complete.error());
    if (*complete) return head_.take_head();
  }
}

Result<void> Transfer::set_up() {
  CURL* easy = handles_.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.text().c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // not even the environment's
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_message_);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "fovea/" FOVEA_VERSION);
  set_method();
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header_bytes);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  set_limits();
  if (auto added = add_headers(); !added) return added;
  check(curl_multi_add_handle(handles_.multi.get(), easy) == CURLM_OK, "handles carry one transfer at a time");
  return {};
}

void Transfer::set_method() {
  CURL* easy = handles_.easy.get();
  if (request_.method == HttpMethod::head) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == HttpMethod::post || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.empty() ? "" : request_.body.data());
  }
  if (request_.method != HttpMethod::get || !request_.body.empty())
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, to_string(request_.method));
}

void Transfer::set_limits() {
  const HttpTimeouts& timeouts = request_.timeouts;
  curl_easy_setopt(handles_.easy.get(), CURLOPT_CONNECTTIMEOUT_MS, whole_ms(timeouts.connect_ms));
  if (timeouts.total_ms) curl_easy_setopt(handles_.easy.get(), CURLOPT_TIMEOUT_MS, whole_ms(*timeouts.total_ms));
}

Result<void> Transfer::add_headers() {
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    check(longer != nullptr, "libcurl has memory for a header");
    std::ignore = headers_.release();
    headers_.reset(longer);
  };
  add("Expect:");  // or libcurl waits up to a second for permission to send a body of megabytes
  bool typed = false;
  for (const HttpHeader& header : request_.headers) {
    if (!can_be_sent(header))
      return fail(Fault::invalid,
                  std::format("a header with characters that no header may have, for {}", request_.url.origin()));
    // A header without a value is written with a semicolon, or libcurl would take it for one to leave out.
    add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    typed = typed || is_content_type(header.name);
  }
  if (!typed && !request_.body.empty()) add("Content-Type:");  // or libcurl would call it a form
  curl_easy_setopt(handles_.easy.get(), CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

Result<bool> Transfer::step() {
  int running = 0;
  if (const CURLMcode code = curl_multi_perform(handles_.multi.get(), &running); code != CURLM_OK)
    return std::unexpected(error(Fault::internal, curl_multi_strerror(code)));
  if (auto handed = hand_on(); !handed) return std::unexpected(handed.error());
  int left = 0;
  if (const CURLMsg* message = curl_multi_info_read(handles_.multi.get(), &left)) {
    if (auto fault = fault_of(message->data.result)) return std::unexpected(std::move(*fault));
    if (!head_.complete()) return std::unexpected(error(Fault::unavailable, "the server sent no answer"));
    return true;
  }
  if (idle_for_too_long()) {
    return std::unexpected(
        error(Fault::timed_out, std::format("nothing came for {}", format_ms(request_.timeouts.idle_ms))));
  }
  const int wait_ms = static_cast<int>(std::clamp(request_.timeouts.idle_ms, 1.0, double{wait_ms_max}));
  curl_multi_poll(handles_.multi.get(), nullptr, 0, wait_ms, nullptr);
  return false;
}

Result<void> Transfer::hand_on() {
  if (!head_.complete()) return {};
  const auto stopped = [this] { return std::unexpected(error(Fault::cancelled, "the caller wanted no more")); };
  if (!std::exchange(head_handed_on_, true) && on_head_ && !on_head_(head_.head())) return stopped();
  if (body_.empty()) return {};
  const bool wants_more = !on_body_ || on_body_(body_);
  body_.clear();
  // The time that the caller took does not count as the server's.
  moved_at_ms_ = Clock::steady().now_ms();
  if (!wants_more) return stopped();
  return {};
}

std::optional<Error> Transfer::fault_of(CURLcode code) const {
  if (code == CURLE_OK) return std::nullopt;
  if (refused_) return refused_;
  const std::string_view said = curl_message_[0] == '\0' ? curl_easy_strerror(code) : curl_message_;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return error(Fault::timed_out, said);
    case CURLE_URL_MALFORMAT:
      return error(Fault::invalid, said);
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return error(Fault::internal, said);
    default:
      return error(Fault::unavailable, said);
  }
}

// While it connects, the limit for connecting counts instead.
bool Transfer::idle_for_too_long() {
  const double now_ms = Clock::steady().now_ms();
  curl_off_t sent = 0, begun_us = 0;
  curl_easy_getinfo(handles_.easy.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(handles_.easy.get(), CURLINFO_PRETRANSFER_TIME_T, &begun_us);
  const auto moved = sent + static_cast<curl_off_t>(head_.bytes() + body_bytes_);
  if (begun_us == 0 || moved != bytes_moved_) moved_at_ms_ = now_ms;
  bytes_moved_ = moved;
  return now_ms - moved_at_ms_ > request_.timeouts.idle_ms;
}

Error Transfer::error(Fault fault, std::string_view what) const {
  return {fault, std::format("{}: {}", request_.url.origin(), what)};
}

std::size_t Transfer::on_header_bytes(char* bytes, std::size_t, std::size_t count, void* transfer) noexcept {
  return static_cast<Transfer*>(transfer)->take_header_line({bytes, count}) ? count : 0;
}

bool Transfer::take_header_line(std::string_view line) {
  head_.take_line(line);
  if (head_.bytes() <= request_.head_bytes_max) return true;
  refused_ =
      error(Fault::too_large, std::format("the answer's head is above {}", format_bytes(request_.head_bytes_max)));
  return false;
}

std::size_t Transfer::on_body_bytes(char* bytes, std::size_t, std::size_t count, void* transfer) noexcept {
  auto& self = *static_cast<Transfer*>(transfer);
  self.body_bytes_ += count;
  if (self.body_bytes_ > self.request_.body_bytes_max) {
    self.refused_ =
        self.error(Fault::too_large, std::format("the answer is above {}", format_bytes(self.request_.body_bytes_max)));
    return CURL_WRITEFUNC_ERROR;
  }
  self.body_.append(bytes, count);
  return count;
}

curl_socket_t Transfer::open_socket(void* transfer, curlsocktype, curl_sockaddr* address) noexcept {
  auto& self = *static_cast<Transfer*>(transfer);
  const std::span socket_address(reinterpret_cast<const std::byte*>(&address->addr), address->addrlen);
  if (self.addresses_ == AddressRule::public_only && !is_public(socket_address)) {
    self.refused_ = self.error(
        Fault::invalid, std::format("its address, {}, is not one of the public internet", to_text(socket_address)));
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace fovea
