// Transfer: one request and its answer, over libcurl. Lives for one call of HttpClient::send. Not
// thread-safe.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/owned.h"
#include "http/head_parser.h"
#include "http/http_client.h"

namespace fovea {

// A pair of libcurl's handles with the connections they keep open. Kept between calls; used by one call at a
// time.
struct CurlHandles {
  Owned<CURLM, curl_multi_cleanup> multi;
  Owned<CURL, curl_easy_cleanup> easy;  // destroyed first
};

std::unique_ptr<CurlHandles> open_handles();

class Transfer {
 public:
  Transfer(CurlHandles& handles, AddressRule addresses, const HttpRequest& request, const OnHead& on_head,
           const OnBody& on_body);
  ~Transfer();  // the handles can be used again
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Result<HttpHead> run(const std::stop_token& stop);

 private:
  Result<void> set_up();
  void set_method();
  Result<void> add_headers();
  void set_limits();
  // Moves bytes and waits once. True when the answer is complete.
  Result<bool> step();
  Result<void> hand_on();
  std::optional<Error> fault_of(CURLcode code) const;
  bool idle_for_too_long();
  Error error(Fault fault, std::string_view what) const;

  // libcurl's callbacks. Each only stores what came.
  static std::size_t on_header_bytes(char* bytes, std::size_t one, std::size_t count, void* transfer) noexcept;
  static std::size_t on_body_bytes(char* bytes, std::size_t one, std::size_t count, void* transfer) noexcept;
  static curl_socket_t open_socket(void* transfer, curlsocktype purpose, curl_sockaddr* address) noexcept;
  bool take_header_line(std::string_view line);

  CurlHandles& handles_;
  const AddressRule addresses_;
  const HttpRequest& request_;
  const OnHead& on_head_;
  const OnBody& on_body_;
  Owned<curl_slist, curl_slist_free_all> headers_;
  char curl_message_[CURL_ERROR_SIZE] = {};

  HeadParser head_;
  bool head_handed_on_ = false;
  std::string body_;  // received and not handed on yet
  std::uint64_t body_bytes_ = 0;
  std::optional<Error> refused_;  // why a callback stopped libcurl, which does not know the reason
  double moved_at_ms_;            // when the last byte was sent or received
  curl_off_t bytes_moved_ = -1;
};

}  // namespace fovea
