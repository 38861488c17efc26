// jpeg_scan: whether the pixels of a JPEG file are all there. JPEG has no checksum: libjpeg reads noise as
// pixels and warns, and it warns about harmless things too. Thread-safe.
#pragma once

#include <cstddef>
#include <span>

namespace fovea {

// Whether libjpeg reads all of `source` with no warning, or with warnings only that leave every pixel right:
// a few bytes of padding behind the scan, as webcams write them, and header fields that some cameras fill
// with nonsense. REQUIRES: the image's size is within the limits, since a progressive file is unpacked whole.
bool jpeg_scan_is_whole(std::span<const std::byte> source);

}  // namespace fovea
