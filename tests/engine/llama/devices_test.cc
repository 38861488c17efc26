#include "engine/llama/devices.h"

#include <gtest/gtest.h>

#include "engine/llama/backend.h"

namespace fovea::llama {
namespace {

TEST(Devices, AProcessorIsKnownByItsKernels) {
  start_backend();
  const std::string classes = device_classes(0);
  EXPECT_TRUE(classes.starts_with("CPU:")) << classes;
  EXPECT_TRUE(classes.contains("=1;")) << "the instructions that it has: " << classes;
}

TEST(Devices, WithoutLayersOnAGpuNothingComputesElsewhere) {
  start_backend();
  EXPECT_FALSE(computes_elsewhere(0));
}

}  // namespace
}  // namespace fovea::llama
