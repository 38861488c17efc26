// The screen is laid out in a grid of 64 by 64 cells. Text is drawn as short bars: at the size in which
// models see a whole screen, letters are not much more.
#include "workload/drawn_screen.h"

#include <algorithm>
#include <utility>

#include "workload/canvas.h"
#include "workload/drawn_shape.h"
#include "workload/draws.h"

namespace fovea {

namespace {

constexpr int grid = 64;
constexpr int field_columns = 5, field_rows = 10, field_count = field_columns * field_rows;
constexpr int field_width = grid / 8, field_height = grid / 16;
// Coprime with the number of fields, so that every field has its turn, and large enough that neighbours do
// not follow each other.
constexpr int turn = 17;

struct Theme {
  Rgb desktop, bar, window, ink, faint, accent;
};

// Everything stays within the canvas, whatever its size: boxes end at its edges, and may be empty.
class Screen {
 public:
  Screen(Canvas& canvas, std::uint64_t seed)
      : canvas_(canvas), seed_(seed), draws_(mixed_bits(seed) ^ seed), mirrored_(draws_.chance(50)) {
    constexpr int dark_percent = 35;
    const bool dark = draws_.chance(dark_percent);
    theme_.accent = lightened(shape_colours[draws_.between(0, std::ssize(shape_colours) - 2)], -24);  // never black
    const auto shade = [&](int low, int high) { return static_cast<std::uint8_t>(draws_.between(low, high)); };
    const std::uint8_t red = shade(40, 190), green = shade(60, 190), blue = shade(80, 210);
    theme_.desktop = {red, green, blue};
    theme_.bar = dark ? Rgb{30, 30, 36} : Rgb{226, 228, 234};
    theme_.window = dark ? Rgb{44, 46, 54} : Rgb{252, 252, 252};
    theme_.ink = dark ? Rgb{214, 216, 222} : Rgb{56, 58, 66};
    theme_.faint = dark ? Rgb{72, 76, 88} : Rgb{222, 224, 230};
  }

  void paint() {
    constexpr int slope = 18;
    canvas_.fill_sloping(theme_.desktop, slope, -slope);
    paint_menus();
    paint_icons();
    paint_form();
    paint_log();
    paint_document();
  }

  // Field number `field`, with the content of its `change`-th change.
  void paint_field(int field, std::uint32_t change) {
    Draws draws(mixed_bits(mixed_bits(seed_) + static_cast<std::uint64_t>(field)) ^ change);
    const int left = 7 + field % field_columns * field_width, top = 11 + field / field_columns * field_height;
    const Box box = cells(left, top, left + field_width, top + field_height);
    canvas_.fill_box(box, theme_.window);
    const Box inside = inset(box, std::max(1, canvas_.height() / 240));
    canvas_.fill_box(inside, theme_.faint);
    canvas_.fill_box(inset(inside, 1), theme_.window);
    constexpr int marked_percent = 25;
    const Rgb colour = draws.chance(marked_percent) ? theme_.accent : theme_.ink;
    const Rgb ink = lightened(colour, draws.between(-24, 24));
    write(draws, inset(inside, std::max(1, box.height() / 8)), std::max(2, box.height() / 3), ink);
  }

  int first_field() { return draws_.between(0, field_count - 1); }

 private:
  // The box between these lines of the grid. Half of the screens are mirrored.
  Box cells(int left, int top, int right, int bottom) const {
    if (mirrored_) left = grid - std::exchange(right, grid - left);
    return {left * canvas_.width() / grid, top * canvas_.height() / grid, right * canvas_.width() / grid,
            bottom * canvas_.height() / grid};
  }

  static Box inset(const Box& box, int by) { return {box.left + by, box.top + by, box.right - by, box.bottom - by}; }

  // Words from the left of `box`, as long as there is room.
  void write_line(Draws& draws, const Box& box, Rgb ink) {
    const int letter = std::max(1, canvas_.width() / 400);
    int left = box.left;
    for (;;) {
      const int right = left + letter * draws.between(2, 9);
      if (right > box.right) return;
      canvas_.fill_box({left, box.top, right, box.bottom}, ink);
      left = right + 2 * letter;
    }
  }

  // Lines of words, `pitch` pixels apart, in paragraphs; lines end where sentences do.
  void write(Draws& draws, const Box& box, int pitch, Rgb ink) {
    constexpr int paragraph_percent = 14;
    for (int top = box.top; top + pitch <= box.bottom + pitch / 2; top += pitch) {
      const int right = box.right - box.width() * draws.between(0, 50) / 100;
      write_line(draws, {box.left, top, right, top + std::max(1, pitch * 45 / 100)}, ink);
      if (draws.chance(paragraph_percent)) top += pitch;
    }
  }

  int pitch() const { return std::max(3, canvas_.height() / 50); }

  // A window with its shadow, its title and three buttons in its corner. Returns the box inside it.
  Box paint_window(int left, int top, int right, int bottom, Rgb inside) {
    const Box all = cells(left, top, right, bottom), title = cells(left, top, right, top + 3);
    const int shade = std::max(1, canvas_.height() / 200);
    canvas_.fill_box({all.left + shade, all.top + shade, all.right + shade, all.bottom + shade},
                     lightened(theme_.desktop, -36));
    canvas_.fill_box(all, inside);
    canvas_.fill_box(title, theme_.accent);
    const int third = std::max(1, title.height() / 3);
    write_line(draws_, {title.left + third, title.top + third, title.left + all.width() / 3, title.bottom - third},
               {255, 255, 255});
    for (int i = 1; i <= 3; ++i)
      canvas_.fill_disc(
          {(title.right - i * 3 * third) * grains_a_pixel, (title.top + title.bottom) * grains_a_pixel / 2},
          third * grains_a_pixel, lightened(theme_.accent, 60));
    return inset({all.left, title.bottom, all.right, all.bottom}, std::max(1, canvas_.width() / 128));
  }

  void paint_menus() {
    const Box bar = cells(0, 0, grid, 3);
    canvas_.fill_box(bar, theme_.bar);
    const int third = std::max(1, bar.height() / 3);
    write_line(draws_, {bar.left + third, bar.top + third, bar.width() / 3, bar.bottom - third}, theme_.ink);
    write_line(draws_, {bar.right * 7 / 8, bar.top + third, bar.right - third, bar.bottom - third}, theme_.ink);
  }

  void paint_icons() {
    const int count = draws_.between(4, 9);
    for (int i = 0; i < count; ++i) {
      const Box box = cells(1, 5 + i * 6, 5, 9 + i * 6);
      const Spot middle{(box.left + box.right) * grains_a_pixel / 2, (box.top + box.bottom) * grains_a_pixel / 2};
      const int radius = std::min(box.width(), box.height()) * grains_a_pixel / 2;
      const Rgb colour = shape_colours[draws_.between(0, std::ssize(shape_colours) - 1)];
      draw_thing(canvas_, {Shape::square, lightened(theme_.desktop, 44), middle, radius * 118 / 100, 0});
      draw_thing(canvas_,
                 {static_cast<Shape>(draws_.between(0, shape_count - 1)), colour, middle, radius * 70 / 100, 0});
    }
  }

  void paint_form() {
    paint_window(6, 4, 48, 53, theme_.window);
    const Box tools = cells(6, 7, 48, 10);
    canvas_.fill_box(tools, theme_.faint);
    const int third = std::max(1, tools.height() / 3);
    write_line(draws_, {tools.left + third, tools.top + third, tools.right - tools.width() / 4, tools.bottom - third},
               lightened(theme_.ink, 40));
    for (int field = 0; field < field_count; ++field) paint_field(field, 0);
  }

  void paint_log() {
    const Box inside = paint_window(6, 55, 48, 63, {24, 26, 32});
    write(draws_, inside, pitch(), {120, 214, 140});
  }

  void paint_document() {
    Box text = paint_window(50, 4, 63, 63, theme_.window);
    const Box heading{text.left, text.top, text.right, text.top + pitch()};
    write_line(draws_, heading, theme_.accent);
    const Box picture{text.left, heading.bottom + pitch() / 2, text.right, heading.bottom + canvas_.height() / 5};
    canvas_.fill_box(picture, lightened(theme_.faint, -10));
    const int radius = std::max(0, std::min(picture.width(), picture.height()) * grains_a_pixel / 3);
    const Spot middle{(picture.left + picture.right) * grains_a_pixel / 2,
                      (picture.top + picture.bottom) * grains_a_pixel / 2};
    draw_thing(canvas_, {static_cast<Shape>(draws_.between(0, shape_count - 1)),
                         shape_colours[draws_.between(0, std::ssize(shape_colours) - 1)], middle, radius, 0});
    text.top = picture.bottom + pitch();
    write(draws_, text, pitch(), theme_.ink);
  }

  Canvas& canvas_;
  std::uint64_t seed_;
  Draws draws_;
  bool mirrored_;
  Theme theme_;
};

}  // namespace

DecodedImage draw_screen(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height) {
  return drawn_image(width, height, [&](Canvas& canvas) {
    Screen screen(canvas, seed);
    screen.paint();
    // Only the last change of each field is visible.
    const int start = screen.first_field();
    const std::uint64_t seen = std::min<std::uint64_t>(step, field_count);
    for (std::uint64_t change = step - seen + 1; change <= step; ++change)
      screen.paint_field(static_cast<int>((start + change * turn) % field_count), static_cast<std::uint32_t>(change));
  });
}

}  // namespace fovea
