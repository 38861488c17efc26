// SPDX-License-Identifier: Apache-2.0

// fovea.Key, fovea.key and what image_key is made of.
#pragma once

#include "fovea/key.h"
#include "python.h"

namespace fovea::python {

void bind_key(nb::module_& module);

// The key that a caller named: a Key, or its 32 bytes. TypeError or ValueError otherwise.
Key key_of(nb::handle key);

}  // namespace fovea::python
