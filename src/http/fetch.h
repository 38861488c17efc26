// PictureFetch: gets the pictures that requests name by URL, from hosts that the operator allows and nowhere else.
//
// The URL is a stranger's. So the host must be on the list, at every redirect again; its address must be public, at
// every connection; nothing of the client's is sent along; and bytes, time and redirects have an end. Thread-safe.
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

struct PictureFetchOptions {
  // Each an exact host, "*.suffix" for every host below one, or "*" for any. None: nothing is fetched.
  std::vector<std::string> hosts;
  AddressRule addresses = AddressRule::public_only;
  std::uint64_t bytes_max = 32 << 20;  // of one picture
  double total_ms = 20'000;            // for one picture, redirects included
};

class PictureFetch {
 public:
  static constexpr int redirects_max = 3;  // a shortener, http to https, and a content network

  explicit PictureFetch(PictureFetchOptions options);

  // The bytes at `url`. Faults: invalid (no such URL may be fetched, or its server says there is no such picture);
  // those of HttpClient::send.
  Result<Blob> get(std::string_view url, const std::stop_token& stop = {});

 private:
  Result<void> check_host(const Url& url) const;

  const PictureFetchOptions options_;
  HttpClient client_;
};

}  // namespace fovea
