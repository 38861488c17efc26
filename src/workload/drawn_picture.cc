// Lengths follow models/tiny/scenes.py, where the longer side of a picture has 96 units. Here a unit is a
// 96th of that side, in grains.
#include "workload/drawn_picture.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "workload/canvas.h"
#include "workload/drawn_shape.h"
#include "workload/draws.h"

namespace fovea {

namespace {

constexpr int side_units = 96;

Rgb varied(Draws& draws, Rgb colour, int most) {
  const auto channel = [&](int value) {
    return static_cast<std::uint8_t>(std::clamp(value + draws.between(-most, most), 0, 255));
  };
  const std::uint8_t red = channel(colour.red), green = channel(colour.green), blue = channel(colour.blue);
  return {red, green, blue};
}

void draw_background(Canvas& canvas, Draws& draws) {
  const auto grey = static_cast<std::uint8_t>(draws.between(176, 248));
  const Rgb colour = varied(draws, {grey, grey, grey}, 12);
  constexpr int plain_percent = 40, slope_most = 14;
  const bool plain = draws.chance(plain_percent);
  const int right = draws.between(-slope_most, slope_most), down = draws.between(-slope_most, slope_most);
  canvas.fill_sloping(colour, plain ? 0 : right, plain ? 0 : down);
}

// The random choices for a shape, and where it may lie on a canvas of these sides (in grains).
struct Lot {
  Draws& draws;
  int width, height, longer;

  Lot(Draws& source, const Canvas& canvas)
      : draws(source),
        width(canvas.width() * grains_a_pixel),
        height(canvas.height() * grains_a_pixel),
        longer(std::max(width, height)) {}

  // A small shape, or with that chance a large one, without a position.
  Thing thing(int large_percent) {
    const int tenths = draws.chance(large_percent) ? draws.between(140, 180) : draws.between(75, 100);
    Thing thing;
    thing.radius = longer * tenths / (10 * side_units);
    thing.shape = static_cast<Shape>(draws.between(0, shape_count - 1));
    thing.colour = varied(draws, shape_colours[draws.between(0, std::ssize(shape_colours) - 1)], 10);
    thing.lean = draws.between(-200, 200);
    return thing;
  }

  // How near to an edge the middle of a shape may come.
  int margin(const Thing& thing) const { return thing.radius * 116 / 100 + longer / side_units; }
  bool fits(const Thing& thing) const { return 2 * margin(thing) <= std::min(width, height); }

  // REQUIRES: fits(thing).
  Spot place(const Thing& thing) {
    const int edge = margin(thing);
    const int x = draws.between(edge, width - edge), y = draws.between(edge, height - edge);
    return {x, y};
  }

  bool apart(const Thing& a, const Thing& b) const {
    const std::int64_t x = a.centre.x - b.centre.x, y = a.centre.y - b.centre.y;
    const std::int64_t least = (a.radius + b.radius) * 112 / 100 + 2 * longer / side_units;
    return x * x + y * y > least * least;
  }
};

// In a full or narrow picture there may be no place for a shape.
constexpr int tries = 30;

void draw_things(Canvas& canvas, Draws& draws) {
  constexpr int things_max = 5, large_percent = 45;
  Lot lot(draws, canvas);
  std::vector<Thing> things;
  const int count = draws.between(1, things_max);
  for (int left = count * tries; left > 0 && std::ssize(things) < count; --left) {
    Thing thing = lot.thing(large_percent);
    if (!lot.fits(thing)) continue;
    thing.centre = lot.place(thing);
    if (!std::ranges::all_of(things, [&](const Thing& other) { return lot.apart(thing, other); })) continue;
    things.push_back(thing);
    draw_thing(canvas, thing);
  }
}

// The position after `step` steps of a thing that goes to and fro between `low` and `high`, about `speed` per
// step.
int gone(Draws& draws, int low, int high, int speed, std::uint32_t step) {
  const int way = std::max(high - low, 1), round = 2 * way;
  speed = std::max(speed, 1);
  while (std::gcd(speed, round) != 1) ++speed;  // so that all positions come before one repeats
  const std::int64_t start = draws.between(0, round - 1);
  const auto along = static_cast<int>((start + std::int64_t{step} * speed) % round);
  return std::min(high, low + (along <= way ? along : round - along));
}

void draw_mover(Canvas& canvas, Draws& draws, std::uint32_t step) {
  Lot lot(draws, canvas);
  Thing mover = lot.thing(0);
  if (!lot.fits(mover)) return;
  const int edge = lot.margin(mover), unit = lot.longer / side_units;
  const int right = draws.between(unit, 3 * unit), down = draws.between(unit / 2, 2 * unit);  // a step
  mover.centre.x = gone(draws, edge, lot.width - edge, right, step);
  mover.centre.y = gone(draws, edge, lot.height - edge, down, step);
  draw_thing(canvas, mover);
}

}  // namespace

DecodedImage draw_scene(std::uint64_t seed, std::uint32_t width, std::uint32_t height) {
  return drawn_image(width, height, [&](Canvas& canvas) {
    Draws draws(seed);
    draw_background(canvas, draws);
    draw_things(canvas, draws);
  });
}

DecodedImage draw_frame(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height) {
  return drawn_image(width, height, [&](Canvas& canvas) {
    Draws draws(~seed);  // another picture than the scene of this seed
    draw_background(canvas, draws);
    draw_things(canvas, draws);
    draw_mover(canvas, draws, step);
  });
}

}  // namespace fovea
