// Connected components of the cells above a threshold, found by a search with an explicit stack, so that a
// map of any shape needs no deep recursion. Takes time and memory in proportion to the cells.
#include "attention/regions.h"

#include <algorithm>
#include <cstdint>

#include "attention/mass.h"
#include "base/check.h"

namespace fovea {

namespace {

// Of the map's greatest score. The width of a peak is usually taken at half of its height.
constexpr float threshold_share = 0.5F;

struct Component {
  std::uint32_t left;
  std::uint32_t top;
  std::uint32_t right;
  std::uint32_t bottom;
  double sum;

  void include(std::uint32_t column, std::uint32_t row, float score) {
    left = std::min(left, column);
    top = std::min(top, row);
    right = std::max(right, column);
    bottom = std::max(bottom, row);
    sum += score;
  }
};

// Finds the components of the cells that are marked, and unmarks them.
class ComponentSearch {
 public:
  ComponentSearch(const PictureMap& map, float threshold) : map_(map), marked_(map.scores.size()) {
    for (std::size_t at = 0; at < marked_.size(); ++at) {
      const float score = mass(map.scores[at]);
      // A zero score is never in a region: half of the least float is 0.
      marked_[at] = score > 0 && score >= threshold;
    }
  }

  std::vector<Component> all() {
    std::vector<Component> found;
    for (std::size_t at = 0; at < marked_.size(); ++at) {
      if (marked_[at]) found.push_back(component_with(at));
    }
    return found;
  }

 private:
  Component component_with(std::size_t first) {
    Component component{UINT32_MAX, UINT32_MAX, 0, 0, 0};
    visit(first);
    while (!pending_.empty()) {
      const std::size_t at = pending_.back();
      pending_.pop_back();
      const auto column = static_cast<std::uint32_t>(at % map_.columns);
      const auto row = static_cast<std::uint32_t>(at / map_.columns);
      component.include(column, row, map_.scores[at]);
      if (column > 0) visit(at - 1);
      if (column + 1 < map_.columns) visit(at + 1);
      if (row > 0) visit(at - map_.columns);
      if (row + 1 < map_.rows) visit(at + map_.columns);
    }
    return component;
  }

  void visit(std::size_t at) {
    if (!marked_[at]) return;
    marked_[at] = false;
    pending_.push_back(at);
  }

  const PictureMap& map_;
  std::vector<bool> marked_;
  std::vector<std::size_t> pending_;
};

Region region_of(const Component& found, const PictureMap& map, double all) {
  const auto columns = static_cast<float>(map.columns);
  const auto rows = static_cast<float>(map.rows);
  return {.x = static_cast<float>(found.left) / columns,
          .y = static_cast<float>(found.top) / rows,
          .width = static_cast<float>(found.right - found.left + 1) / columns,
          .height = static_cast<float>(found.bottom - found.top + 1) / rows,
          .share = static_cast<float>(std::min(1.0, found.sum / all))};
}

}  // namespace

std::vector<Region> most_looked_at(const PictureMap& map, std::size_t count) {
  check(map.scores.size() == static_cast<std::uint64_t>(map.columns) * map.rows, "a map has a score for each cell");
  float greatest = 0;
  double all = 0;
  for (const float score : map.scores) {
    greatest = std::max(greatest, mass(score));
    all += mass(score);
  }
  std::vector<Component> found = ComponentSearch(map, greatest * threshold_share).all();
  std::ranges::stable_sort(found, std::ranges::greater(), &Component::sum);
  found.resize(std::min(found.size(), count));
  std::vector<Region> regions;
  for (const Component& component : found) regions.push_back(region_of(component, map, all));
  return regions;
}

}  // namespace fovea
