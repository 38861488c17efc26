#include "fovea/budget.h"

#include "cache/ledger.h"

namespace fovea {

Budget::Budget(const BudgetOptions& options) : ledger_(std::make_unique<Ledger>(options)) {}
Budget::~Budget() = default;

std::shared_ptr<Budget> Budget::make(const BudgetOptions& options) {
  return std::shared_ptr<Budget>(new Budget(options));  // the constructor is private, so make_shared cannot
}

void Budget::resize(std::uint64_t bytes_max) {
  Departed departed;
  MutexLock lock(ledger_->mutex);
  ledger_->resize(bytes_max, departed);
}

std::uint64_t Budget::bytes() const { return ledger_->bytes(); }
std::uint64_t Budget::bytes_max() const { return ledger_->bytes_max(); }

}  // namespace fovea
