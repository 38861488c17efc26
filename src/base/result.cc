#include "fovea/result.h"

namespace fovea {

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::invalid:
      return "invalid";
    case Fault::unsupported:
      return "unsupported";
    case Fault::too_large:
      return "too_large";
    case Fault::not_found:
      return "not_found";
    case Fault::corrupt:
      return "corrupt";
    case Fault::unavailable:
      return "unavailable";
    case Fault::cancelled:
      return "cancelled";
    case Fault::timed_out:
      return "timed_out";
    case Fault::internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace fovea
