// BodyReader: the body of one HTTP request to a model as an AuditedRequest. A server that records what it
// answers reads bodies with it.
//
// What it learns of pictures is remembered from one body to the next, in bounded memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "audit/audited_request.h"
#include "fovea/result.h"

namespace fovea {

struct BodyOptions {
  bool decode = true;                        // whether pixels are looked at; a decode takes some 10 ms a megapixel
  std::uint32_t decoded_max = 0xffff'ffffU;  // pictures
};

class BodyReader {
 public:
  explicit BodyReader(BodyOptions options = {});
  ~BodyReader();
  BodyReader(BodyReader&&) noexcept;
  BodyReader& operator=(BodyReader&&) noexcept;

  // Writes what `body` asks, JSON of Chat Completions, Responses or Messages, into `request`, whatever was in
  // it.
  // Faults: invalid (no such body), too_large (it has too many parts).
  Result<void> read(std::string_view route, std::string_view body, AuditedRequest& request);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fovea
