// make_policy: the one place where a PolicyKind becomes a Policy. Thread-safe; the caller owns the result.
#pragma once

#include <memory>

#include "cache/policy.h"
#include "fovea/policy_kind.h"

namespace fovea {

std::unique_ptr<Policy> make_policy(PolicyKind kind);

}  // namespace fovea
