#include "fovea/budget.h"

#include "cache/budget_core.h"

namespace fovea {

Budget::Budget(const BudgetOptions& options) : core_(std::make_unique<BudgetCore>(options)) {}
Budget::~Budget() = default;

std::shared_ptr<Budget> Budget::make(const BudgetOptions& options) {
  return std::shared_ptr<Budget>(new Budget(options));  // make_shared cannot call the private constructor
}

void Budget::resize(std::uint64_t bytes_max) {
  DeferredFrees deferred;
  MutexLock lock(core_->mutex);
  core_->resize(bytes_max, deferred);
}

std::uint64_t Budget::bytes() const { return core_->bytes(); }
std::uint64_t Budget::bytes_max() const { return core_->bytes_max(); }

}  // namespace fovea
