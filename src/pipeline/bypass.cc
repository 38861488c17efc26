// The sentences are what users read in Cache-Status and in `fovea ask`: they say whose doing it was.
#include "pipeline/bypass.h"

#include <format>
#include <string_view>

namespace fovea {

namespace {

std::string_view name_of(CacheLevel level) {
  switch (level) {
    case CacheLevel::embedding:
      return "embedding";
    case CacheLevel::prefix:
      return "prefix";
    case CacheLevel::response:
      return "response";
  }
  return "unknown";
}

}  // namespace

bool is_asked_for(Bypass why) {
  return why == Bypass::no_cache || why == Bypass::no_read || why == Bypass::no_write || why == Bypass::no_cache_read ||
         why == Bypass::only_stored;
}

std::string describe(Bypass why, CacheLevel level) {
  switch (why) {
    case Bypass::none:
      return {};
    case Bypass::off:
      return std::format("the {} cache is off", name_of(level));
    case Bypass::no_cache:
      return "the request asked for no cache";
    case Bypass::no_read:
      return "the request asked not to read the cache";
    case Bypass::no_write:
      return "the request asked not to write the cache";
    case Bypass::no_cache_read:
      return "what the request wants with its answer is not stored: log probabilities or attention";
    case Bypass::random:
      return "the answer is drawn at random: temperature above 0 and no seed";
    case Bypass::image_by_address:
      return "an image is known by its address only";
    case Bypass::unread_image:
      return "an image cannot be read here";
    case Bypass::uploaded_video:
      return "a video was uploaded here, and the other server reads it";
    case Bypass::another_server:
      return "another server computes";
    case Bypass::outside_state:
      return "the answer depends on what the other server keeps or looks up";
    case Bypass::response_hit:
      return "the whole answer was stored";
    case Bypass::no_images:
      return "the request has no images";
    case Bypass::no_camera:
      return "the request names no camera in prompt_cache_key";
    case Bypass::only_stored:
      return "the request asked for a stored answer only";
    case Bypass::known_frame:
      return "the frame is known exactly";
    case Bypass::unreadable_input:
      return "this model's encoder does not show what it is fed";
    case Bypass::not_computable:
      return "the request cannot be computed";
    case Bypass::busy:
      return "as many requests compute as may";
    case Bypass::prefix_hit:
      return "the decoder's state behind the images was found";
  }
  return "unknown";
}

}  // namespace fovea
