// ImageFetch: fetches images that requests name by URL, from hosts that the operator allows only.
//
// The URL comes from a client and is not trusted. So the host must be on the list, also after each redirect;
// its address must be public, at each connection; nothing of the client's request is sent along; bytes, time
// and redirects are bounded. Thread-safe.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/blob.h"
#include "fovea/result.h"
#include "http/http_client.h"

namespace fovea {

struct ImageFetchOptions {
  // Each is an exact host, "*.suffix" for every host below one, or "*" for any. None: nothing is fetched.
  std::vector<std::string> hosts;
  AddressRule addresses = AddressRule::public_only;
  std::uint64_t bytes_max = 32 << 20;  // of one image
  double total_ms = 20'000;            // for one image, redirects included
};

class ImageFetch {
 public:
  static constexpr int redirects_max = 3;  // a shortener, http to https, and a content network

  explicit ImageFetch(ImageFetchOptions options);

  // The bytes at `url`. Faults: invalid (the URL may not be fetched, or its server has no such image); those
  // of HttpClient::send.
  Result<Blob> get(std::string_view url, const std::stop_token& stop = {});

 private:
  Result<void> check_host(const Url& url) const;

  const ImageFetchOptions options_;
  HttpClient client_;
};

}  // namespace fovea
