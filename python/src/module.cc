// SPDX-License-Identifier: Apache-2.0

// The extension module fovea._fovea. python/fovea has what people import.
#include "buffer.h"
#include "key.h"
#include "level.h"
#include "python.h"
#include "stats.h"
#include "store.h"
#include "value.h"
#include "waiter.h"

#include "fovea/version.h"

NB_MODULE(_fovea, module) {
  using namespace fovea::python;
  nb::set_leak_warnings(false);  // a level that lives until the process ends is no mistake
  module.attr("__version__") = FOVEA_VERSION;
  bind_key(module);
  bind_value(module);
  bind_buffer(module);
  bind_stats(module);
  bind_waiter(module);
  bind_level(module);
  bind_store(module);
}
