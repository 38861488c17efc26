// ImageOrder: where a message's images stand before the model reads it.
//
// A decoder's state is kept for what was read up to and including an image (the prefix level), and it can be
// taken up again only where everything in front of it is the same. So an image behind a question is read
// again for every question, and an image in front of it once. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/engine.h"
#include "fovea/result.h"

namespace fovea {

enum class ImageOrder : std::uint8_t {
  as_sent,  // where the client put them
  first,    // in front of the text, where that cannot change what the text speaks of
};

// How an order is called: "as-sent", "first".
std::string_view to_string(ImageOrder order);

// The order of that name. Faults: invalid (the message lists the names).
Result<ImageOrder> image_order_of(std::string_view name);

// `message` with its images in front of its text where every image follows all of the text. Otherwise,
// and for as_sent, as it is: a text between images may speak of the one above it. A tool's result stays as it
// is, too: its text is no question about the image, but part of what the tool gave.
//
// Nothing is lost or joined, and images keep their order. A part of white space alone says nothing: behind
// or between images it moves with them, in front of the text with the text, and a message without any other
// text stays as it is.
Message in_order(const Message& message, ImageOrder order);

}  // namespace fovea
