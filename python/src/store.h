// SPDX-License-Identifier: Apache-2.0

// fovea.Store: values in memory, and in tiers behind it, as a dictionary.
#pragma once

#include "python.h"

namespace fovea::python {

void bind_store(nb::module_& module);

}  // namespace fovea::python
