// Cors: which web pages of other origins may read the server's replies, and what their browsers are told
// (https://fetch.spec.whatwg.org/#http-cors-protocol). Immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/exchange.h"
#include "serve/http/message/request_head.h"

namespace fovea::serve {

// Whether `origin` is one at `host`, as in a Host field, which may name the port that is the scheme's own.
bool is_origin_at(std::string_view origin, std::string_view host);

class Cors {
 public:
  // `origins` as browsers write them ("https://app.example"), or "*" for any. None: no page of another
  // origin.
  explicit Cors(std::vector<std::string> origins);

  // Whether pages of `origin` may ask; of any origin; of one at `host`, as in a Host field.
  bool admits(std::string_view origin) const;
  bool admits_any() const { return any_; }
  bool admits_host(std::string_view host) const;

  // What a reply to `request` has besides its own fields.
  void add_to(Headers& headers, const RequestHead& request) const;

  // Whether `request` is a browser's question before a request of another page.
  static bool is_preflight(const RequestHead& request);
  // The fields of the answer to one; `allow` are the methods that the path takes. None for an origin that may
  // not ask.
  Headers preflight(const RequestHead& request, std::string_view allow) const;

 private:
  void add_origin(Headers& headers, std::string_view origin) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

}  // namespace fovea::serve
