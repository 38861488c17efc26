#include "serve/relay/upstream_refusal.h"

#include <spdlog/spdlog.h>

namespace fovea::serve {

Refusal upstream_refusal(const Error& error) {
  if (error.fault == Fault::cancelled) return refusal_of(error);
  spdlog::warn("{}", error.message);
  switch (error.fault) {
    case Fault::timed_out:
      return {504, "the server behind this one did not answer in time", {}, "timed_out"};
    case Fault::too_large:
      return {502, "the answer of the server behind this one is too large", {}, "upstream_answer_too_large"};
    case Fault::invalid:
      return {400, "the request cannot be passed on to the server behind this one", {}, "invalid_value"};
    default:
      return {502,
              "the server behind this one cannot be reached, or broke off: ask again in a moment",
              {},
              "upstream_unavailable",
              1};
  }
}

}  // namespace fovea::serve
