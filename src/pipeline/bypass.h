// Bypass: why a level was not asked. A value; the sentences and HTTP's words are made from it at the edge.
#pragma once

#include <cstdint>
#include <string>

namespace fovea {

enum class CacheLevel : std::uint8_t { embedding, prefix, response };

enum class Bypass : std::uint8_t {
  none,              // the level was asked
  off,               // it has no budget
  no_cache,          // the request may neither read nor write the cache
  no_read,           // the request may not read the cache
  no_write,          // the request may not write the cache, where reading and writing are one
  no_cache_read,     // the request wants its answer computed, though it may be stored
  random,            // the answer is drawn at random
  image_by_address,  // an image is known by its address only
  unread_image,      // an image cannot be read here, though another server may
  uploaded_video,    // the request has a video that was uploaded here, and another server reads it
  another_server,    // another server computes
  outside_state,     // the answer depends on what the other server keeps or looks up
  response_hit,      // the whole answer was stored
  no_images,         // the request has no images
  no_camera,         // the request does not say whose frames its images are
  only_stored,       // the request wants a stored answer or none
  known_frame,       // the images are known exactly
  unreadable_input,  // the encoder does not show what it is fed
  not_computable,    // the request will be refused unless its answer is stored: its prompt is too long, say
  busy,              // as many requests compute as may
  prefix_hit,        // the decoder's state behind the images was found
};

// Whether the request asked for it, and not the level, the server or the answer's nature.
bool is_asked_for(Bypass why);

// A sentence for people, without a full stop. Empty for `none`.
std::string describe(Bypass why, CacheLevel level);

}  // namespace fovea
