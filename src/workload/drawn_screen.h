// A drawn screen: the screen of a person who works at a computer, and its change from one step to the next. A
// pure function in whole numbers; thread-safe. One seed gives one screen, the same on every machine.
#pragma once

#include <cstdint>

#include "image/decoded_image.h"

namespace fovea {

// The screen after `step` changes: a menu bar, a column of icons, and windows of text, one of which is a
// form. Each change gives one field of the form, an eighth of the screen wide and a sixteenth high, another
// content. The fields take turns, so a change stays until its field's next turn. All other pixels stay the
// same. It is made for 320 x 200 pixels and more: on a much smaller screen there is no room for text, and a
// change may not be visible. REQUIRES: sides of 1 to drawn_side_max pixels.
DecodedImage draw_screen(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height);

}  // namespace fovea
