// The fuzz target's corpus, replayed through decode in every ordinary build: names that start with "ok"
// decode, others do not.
#include <gtest/gtest.h>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

TEST(Corpus, DecodesWhatIsAPictureAndRefusesTheRest) {
  const auto files = files_of(std::filesystem::path(FOVEA_SOURCE_DIR) / "fuzz/corpus/decode");
  ASSERT_GE(files.size(), 10U);
  for (const auto& file : files) {
    const Result<DecodedImage> image = decode(contents(file));
    EXPECT_EQ(image.has_value(), file.filename().string().starts_with("ok")) << file.filename();
  }
}

}  // namespace
}  // namespace fovea
