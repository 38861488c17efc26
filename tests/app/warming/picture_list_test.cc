#include "app/warming/picture_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/scratch_folder.h"

namespace fovea::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PictureListTest : public testing::Test {
 protected:
  std::string make(const std::string& name, const std::string& content = "") const {
    const auto path = folder->path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
    return path.string();
  }

  static std::vector<std::string> list(const std::vector<std::string>& words) {
    auto listed = list_pictures(words);
    EXPECT_TRUE(listed) << listed.error().message;
    return listed ? *listed : std::vector<std::string>();
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
};

TEST_F(PictureListTest, NamesOfPictures) {
  for (const char* name : {"a.jpg", "a.JPEG", "b/c.Png", "x.webp", "x.tif", "x.heic", "x.gif", "x.avif", "x.bmp"})
    EXPECT_TRUE(has_picture_name(name)) << name;
  for (const char* name : {"a", "jpg", "a.txt", "a.jpg.part", ".png"}) EXPECT_FALSE(has_picture_name(name)) << name;
}

TEST_F(PictureListTest, AFolderStandsForItsPicturesAndThoseBelow) {
  const std::string b = make("b.jpg"), a = make("deep/er/a.PNG");
  make("notes.md");
  make("deep/list.txt");
  std::filesystem::create_directory_symlink(folder->path(), folder->path() / "deep" / "loop");
  EXPECT_THAT(list({folder->path()}), ElementsAre(b, a));
}

TEST_F(PictureListTest, AListHasAFileOnEachLine) {
  const std::string names = make("names.txt", "one.jpg\r\n\ntwo words.png\nsomewhere/else\none.jpg");
  EXPECT_THAT(list({names}), ElementsAre("one.jpg", "two words.png", "somewhere/else"));
}

TEST_F(PictureListTest, AnyOtherFileIsAPictureAndComesOnce) {
  const std::string odd = make("camera.raw"), plain = make("a.jpg");
  EXPECT_THAT(list({odd, plain, odd, folder->path()}), ElementsAre(odd, plain));
}

TEST_F(PictureListTest, WhatIsNotThereIsSaid) {
  const std::vector<std::string> words = {"nowhere.jpg"};
  const auto listed = list_pictures(words);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().fault, Fault::not_found);
  EXPECT_THAT(listed.error().message, HasSubstr("nowhere.jpg"));
  EXPECT_TRUE(list({}).empty());
}

}  // namespace
}  // namespace fovea::app
