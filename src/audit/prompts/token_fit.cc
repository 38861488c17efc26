#include "audit/prompts/token_fit.h"

#include <algorithm>

namespace fovea {

namespace {

// No vocabulary has more than one token a byte, and none has as few as one in sixteen on the average. Where a
// log seems to say so, its pictures have other sizes than the profile's model gives them.
constexpr double per_byte_min = 1.0 / 16, per_byte_max = 1;
constexpr double per_part_max = 256;

}  // namespace

void TokenFitter::see(const PromptSize& size, double prompt_tokens) {
  const double tokens = prompt_tokens - size.picture_tokens;
  ++seen_;
  bytes_ += size.bytes;
  tokens_ += tokens;
  bytes2_ += size.bytes * size.bytes;
  bytes_parts_ += size.bytes * size.parts;
  parts2_ += size.parts * size.parts;
  bytes_tokens_ += size.bytes * tokens;
  parts_tokens_ += size.parts * tokens;
}

TokenFit TokenFitter::fit() const {
  TokenFit fit;
  if (seen_ == 0 || parts2_ <= 0) return fit;
  // With texts that all have the same length, the lengths explain nothing: the rule of thumb stays, and the
  // rest is put around the parts.
  constexpr double least_spread = 1e-4;
  const double determinant = bytes2_ * parts2_ - bytes_parts_ * bytes_parts_;
  if (determinant > least_spread * bytes2_ * parts2_)
    fit.per_byte = (bytes_tokens_ * parts2_ - parts_tokens_ * bytes_parts_) / determinant;
  fit.per_byte = std::clamp(fit.per_byte, per_byte_min, per_byte_max);
  fit.per_part = std::clamp((parts_tokens_ - fit.per_byte * bytes_parts_) / parts2_, 0.0, per_part_max);
  return fit;
}

}  // namespace fovea
