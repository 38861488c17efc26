#include "app/bundled.h"

#include <gtest/gtest.h>

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

// The test's program lies in a build tree, so the files are those of the source tree. tests/install covers
// installed ones.
TEST(Bundled, TheModelIsTwoFiles) {
  const auto model = bundled_model();
  ASSERT_TRUE(model) << model.error().message;
  for (const fs::path& file : {model->model, model->mmproj}) {
    EXPECT_TRUE(fs::is_regular_file(file)) << file;
    EXPECT_EQ(file.extension(), ".gguf");
  }
  EXPECT_NE(model->model, model->mmproj);
}

TEST(Bundled, TheSamplesAreAFolder) {
  const auto samples = bundled_samples();
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_EQ(*samples, fs::path(FOVEA_SOURCE_DIR) / "samples");
  for (const char* file : {"demo.json", "questions.json", "scenarios/paper.json", "three.png"})
    EXPECT_TRUE(fs::is_regular_file(*samples / file)) << file;
}

}  // namespace
}  // namespace fovea::app
