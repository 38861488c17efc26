// largest_of_normal: how far the largest of many normal values lies from 0. A pure function.
#pragma once

#include <cstddef>

namespace fovea {

// Of `count` values with mean 0 and variance 1, the largest magnitude lies above the result with probability
// `beyond`, if they are independent; seldom more often if they are not.
float largest_of_normal(std::size_t count, double beyond);

}  // namespace fovea
