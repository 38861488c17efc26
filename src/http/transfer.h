// Exchange: one request and its answer over a line to other servers. Lives for one call of HttpClient::send.
// Line: what is kept between calls, a pair of libcurl's handles with the connections they hold. One call at a time.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/owned.h"
#include "http/http_client.h"

namespace fovea {

struct Line {
  Owned<CURLM, curl_multi_cleanup> multi;
  Owned<CURL, curl_easy_cleanup> easy;  // goes first
};

std::unique_ptr<Line> open_line();

class Exchange {
 public:
  Exchange(Line& line, AddressRule addresses, const HttpRequest& request, const OnHead& on_head, const OnBody& on_body);
  ~Exchange();  // the line can be used again
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Result<HttpHead> run(const std::stop_token& stop);

 private:
  Result<void> set_up();
  Result<void> add_headers();
  void set_limits();
  // One round of waiting and moving bytes; true when the answer is complete.
  Result<bool> step();
  Result<void> hand_on();
  std::optional<Error> fault_of(CURLcode code) const;
  bool idle_for_too_long();
  Error error(Fault fault, std::string_view what) const;

  // What libcurl calls. Each only notes what came: the caller's functions are called between libcurl's turns, so that
  // nothing they throw passes through C.
  static std::size_t on_header_bytes(char* bytes, std::size_t one, std::size_t count, void* exchange) noexcept;
  static std::size_t on_body_bytes(char* bytes, std::size_t one, std::size_t count, void* exchange) noexcept;
  static curl_socket_t open_socket(void* exchange, curlsocktype purpose, curl_sockaddr* address) noexcept;
  bool take_header_line(std::string_view line);

  Line& line_;
  const AddressRule addresses_;
  const HttpRequest& request_;
  const OnHead& on_head_;
  const OnBody& on_body_;
  Owned<curl_slist, curl_slist_free_all> headers_;
  char curl_message_[CURL_ERROR_SIZE] = {};

  HttpHead head_;
  bool head_complete_ = false;
  bool head_handed_on_ = false;
  std::string body_;  // that came and is not handed on yet
  std::uint64_t head_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::optional<Error> refused_;  // what a callback found, where libcurl knows only that it was stopped
  double moved_at_ms_;            // when the last byte went or came
  curl_off_t bytes_moved_ = -1;
};

}  // namespace fovea
