#include "pipeline/levels/made_from.h"

#include <algorithm>

namespace fovea {

void MadeFrom::add(const MadeFrom& more) {
  for (const Key& image : more.named) {
    if (std::ranges::contains(named, image)) continue;
    named.push_back(image);
    std::erase(others, image);
  }
  for (const Key& image : more.others) {
    if (!std::ranges::contains(named, image) && !std::ranges::contains(others, image)) others.push_back(image);
  }
}

std::vector<Key> MadeFrom::labels() const {
  std::vector<Key> labels = named;
  labels.insert(labels.end(), others.begin(), others.end());
  return labels;
}

}  // namespace fovea
