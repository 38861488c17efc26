// A switch without a default: the compiler warns of a kind that is missing.
#include "cache/policies.h"

#include "base/check.h"
#include "cache/policy/cost.h"
#include "cache/policy/cross_modal.h"
#include "cache/policy/importance.h"
#include "cache/policy/lru.h"
#include "cache/policy/s3_fifo.h"
#include "cache/policy/sieve.h"
#include "cache/policy/value.h"
#include "cache/policy/w_tinylfu.h"

namespace fovea {

std::unique_ptr<Policy> make_policy(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::lru:
      return std::make_unique<LruPolicy>();
    case PolicyKind::cost:
      return std::make_unique<CostPolicy>();
    case PolicyKind::importance:
      return std::make_unique<ImportancePolicy>();
    case PolicyKind::cross_modal:
      return std::make_unique<CrossModalPolicy>();
    case PolicyKind::s3_fifo:
      return std::make_unique<S3FifoPolicy>();
    case PolicyKind::sieve:
      return std::make_unique<SievePolicy>();
    case PolicyKind::w_tinylfu:
      return std::make_unique<WTinyLfuPolicy>();
    case PolicyKind::value:
      return std::make_unique<ValuePolicy>();
  }
  check_failed("a policy kind is one of the enumeration", std::source_location::current());
}

}  // namespace fovea
