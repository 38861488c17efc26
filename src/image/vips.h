// vips: libvips, started once for the process and restricted for hostile bytes. Only src/image includes this.
// Thread-safe.
//
// Every loader except six (JPEG, PNG, WebP, GIF, HEIF, TIFF), which libvips trusts itself, is blocked for all
// callers. The operation cache is off: images do not repeat inside libvips, since Fovea's own levels answer
// repeated requests, and memory must not grow. libvips keeps one error text for all threads, which would mix
// the failures of two clients, so it is off, and so are warnings on standard error.
#pragma once

#include <vips/vips.h>

#include "base/owned.h"
#include "fovea/key.h"

namespace fovea {

using VipsHandle = Owned<VipsImage, g_object_unref>;

// Whether libvips is ready; the first call starts it. Thread-safe.
bool vips_ready();

// Names the builds of libvips and of the libraries it decodes with: others may decode the same bytes to other
// pixels.
const Key& decoders();

}  // namespace fovea
