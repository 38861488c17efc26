#include "workload/drawn_shape.h"

#include <cmath>
#include <span>
#include <vector>

#include "base/check.h"

namespace fovea {

namespace {

// Outlines in thousandths of the radius, y downwards.
constexpr Spot square[] = {{-850, -850}, {850, -850}, {850, 850}, {-850, 850}};
constexpr Spot triangle[] = {{0, -1000}, {996, 725}, {-996, 725}};
constexpr Spot star[] = {{0, -1150}, {304, -419}, {1094, -355}, {492, 160},    {676, 930},
                         {0, 518},   {-676, 930}, {-492, 160},  {-1094, -355}, {-304, -419}};
constexpr Spot cross[] = {{-320, -1000}, {320, -1000}, {320, -320}, {1000, -320}, {1000, 320},   {320, 320},
                          {320, 1000},   {-320, 1000}, {-320, 320}, {-1000, 320}, {-1000, -320}, {-320, -320}};
constexpr Spot diamond[] = {{0, -1120}, {680, 0}, {0, 1120}, {-680, 0}};

std::span<const Spot> outline_of(Shape shape) {
  switch (shape) {
    case Shape::circle:
      break;
    case Shape::square:
      return square;
    case Shape::triangle:
      return triangle;
    case Shape::star:
      return star;
    case Shape::cross:
      return cross;
    case Shape::diamond:
      return diamond;
  }
  return {};
}

}  // namespace

void draw_thing(Canvas& canvas, const Thing& thing) {
  check(thing.lean >= -1000 && thing.lean <= 1000, "a sine in thousandths is -1,000 to 1,000");
  if (thing.shape == Shape::circle) return canvas.fill_disc(thing.centre, thing.radius, thing.colour);
  // IEEE 754 rounds square roots in one way only, so the cosine is the same on every machine.
  const std::int64_t sine = thing.lean;
  const auto cosine = static_cast<std::int64_t>(std::sqrt(static_cast<double>(1'000'000 - sine * sine)));
  std::vector<Spot> corners;
  for (const Spot at : outline_of(thing.shape)) {
    const std::int64_t x = (at.x * cosine - at.y * sine) * thing.radius / 1'000'000;
    const std::int64_t y = (at.x * sine + at.y * cosine) * thing.radius / 1'000'000;
    corners.push_back({thing.centre.x + static_cast<int>(x), thing.centre.y + static_cast<int>(y)});
  }
  canvas.fill_polygon(corners, thing.colour);
}

}  // namespace fovea
