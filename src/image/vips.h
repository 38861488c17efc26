// libvips, started once for the process and made safe for hostile bytes. Only src/image includes this.
//
// Every loader but the five of format.h is blocked, whoever asks for it. The operation cache is off: pictures do not
// repeat inside libvips, since Fovea's own levels answer repeats, and memory must not grow. libvips keeps one error
// text for all threads, in which two clients' failures would mix, so it is switched off, and so are its warnings on
// standard error.
#pragma once

#include <vips/vips.h>

#include "base/owned.h"

namespace fovea {

using VipsHandle = Owned<VipsImage, g_object_unref>;

// Whether libvips is ready; the first call starts it. Thread-safe.
bool vips_ready();

}  // namespace fovea
