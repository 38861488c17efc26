// A drawn screen: what somebody who works at a computer has before them, and what changes of it from one look to the
// next. A pure function, in whole numbers: one seed gives one screen, the same on every machine.
#pragma once

#include <cstdint>

#include "image/decoded_image.h"

namespace fovea {

// The screen after `step` changes: a bar of menus, a column of icons, and windows of text, one of them a form. Each
// change gives one of the form's fields, an eighth of the screen wide and a sixteenth high, another content; fields
// take turns, so a change lasts until its field's next turn. All other pixels stay. Meant for 320 x 200 pixels and
// more: on a much smaller screen there is no room for text, and a change may leave no trace.
// REQUIRES: sides of 1 to drawn_side_max pixels.
DecodedImage draw_screen(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height);

}  // namespace fovea
