// ImageSource: an image as the client sent it: the bytes of a file, or a frame of a video. A plain value; a
// copy shares the bytes and the clip.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "fovea/blob.h"
#include "fovea/result.h"
#include "image/decode.h"
#include "image/decoded_image.h"
#include "video/video_clip.h"

namespace fovea {

struct ImageSource {
  Blob bytes;  // of an image file; empty where it is a frame
  // For error messages only, never part of a key: the same name may hold another image tomorrow
  std::string name;
  std::shared_ptr<VideoClip> clip;  // null where it is a file
  std::size_t frame = 0;            // of the clip
};

// The source's pixels. Faults: those of decode() and of VideoClip::pixels().
inline Result<DecodedImage> decoded(const ImageSource& source, const DecodeLimits& limits = {}) {
  return source.clip ? source.clip->pixels(source.frame) : decode(source.bytes.bytes(), limits);
}

}  // namespace fovea
