// SPDX-License-Identifier: Apache-2.0

// element_type_named: a dtype as Python's libraries write it.
#pragma once

#include "python.h"
#include "store/value/element_type.h"

namespace fovea::python {

// The type of "float32", np.float32, np.dtype("float32"), torch.float32, jnp.float32 or float. TypeError or
// ValueError, with the names there are.
ElementType element_type_named(nb::handle dtype);

}  // namespace fovea::python
