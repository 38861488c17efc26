#include "pipeline/report.h"

namespace fovea {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::hit:
      return "hit";
    case Outcome::miss:
      return "miss";
    case Outcome::bypass:
      return "bypass";
  }
  return "unknown";
}

}  // namespace fovea
