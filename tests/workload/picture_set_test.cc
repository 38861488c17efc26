#include "workload/picture_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <format>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "image/decode.h"
#include "image/encode.h"
#include "image/format.h"
#include "workload/canvas.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A folder that is removed with its test.
class PictureSetFolder : public testing::Test {
 protected:
  PictureSetFolder() : folder_(fs::temp_directory_path() / std::format("fovea-pictures-{}", ::getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~PictureSetFolder() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view bytes) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  // A picture of one colour, whose grey tells the files apart.
  void write_picture(const std::string& name, char grey) {
    const DecodedImage image{2, 2, Blob::copy_of(std::string(12, grey))};
    write(name, encode_png(image)->text());
  }
  Result<PictureSet> open() { return PictureSet::open({.kind = PictureKind::file, .folder = folder_}); }

  fs::path folder_;
};

int grey_of(const Result<Blob>& file) {
  if (!file) return -1;
  const auto image = decode(file->bytes());
  return image ? std::to_integer<int>(image->pixels.bytes()[0]) : -1;
}

DecodedImage decoded(const Result<Blob>& file) {
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  return decode(file.value_or(Blob()).bytes()).value_or(DecodedImage{});
}

TEST_F(PictureSetFolder, ListsPicturesByName) {
  write_picture("b.png", 2);
  write_picture("a.JPG", 1);  // the content decides what it is
  write_picture("c/d/e.Webp", 3);
  write_picture("z.heic", 4);
  write("notes.txt", "no picture");
  write_picture(".hidden.png", 9);
  write_picture(".thumbnails/a.png", 9);
  fs::create_directories(folder_ / "folder.png");
  auto pictures = open();
  ASSERT_TRUE(pictures) << pictures.error().message;
  ASSERT_EQ(pictures->count_max(), 4u);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(grey_of(pictures->get({i})), static_cast<int>(i) + 1);
}

TEST_F(PictureSetFolder, LinksInCirclesAndToNowhereDoNoHarm) {
  write_picture("inner/a.png", 1);
  fs::create_directory_symlink(folder_, folder_ / "inner/round");
  fs::create_symlink("self.png", folder_ / "self.png");
  fs::create_symlink("nowhere.png", folder_ / "lost.png");
  fs::create_symlink("inner/a.png", folder_ / "linked.png");
  auto pictures = open();
  ASSERT_TRUE(pictures) << pictures.error().message;
  EXPECT_EQ(pictures->count_max(), 2u) << "the picture, and the link to it";
}

TEST_F(PictureSetFolder, SaysWhatToDoAboutTooFewFiles) {
  write_picture("a.png", 1);
  const auto beyond = open()->get({1});
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().fault, Fault::invalid);
  EXPECT_THAT(beyond.error().message, HasSubstr("fewer images"));
}

TEST_F(PictureSetFolder, AFolderMustBeThereAndHavePictures) {
  const auto empty = open();
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().fault, Fault::invalid);
  EXPECT_THAT(empty.error().message, HasSubstr("no pictures in it"));
  for (const char* name : {"missing", ""}) {
    const auto missing =
        PictureSet::open({.kind = PictureKind::file, .folder = *name == 0 ? fs::path() : folder_ / name});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().fault, Fault::not_found);
  }
}

TEST_F(PictureSetFolder, AFileIsReadOnce) {
  write_picture("a.png", 1);
  auto pictures = open();
  EXPECT_EQ(grey_of(pictures->get({0})), 1);
  fs::remove(folder_ / "a.png");
  EXPECT_EQ(grey_of(pictures->get({0})), 1);
}

TEST_F(PictureSetFolder, TellsWhatIsWrongWithAFile) {
  write_picture("a.png", 1);
  write("b.png", "a text");
  write("c.png", "");
  write("d.png", "");
  fs::resize_file(folder_ / "d.png", PictureSet::file_bytes_max + 1);
  auto pictures = open();
  ASSERT_EQ(pictures->count_max(), 4u);
  fs::remove(folder_ / "a.png");
  const Fault faults[] = {Fault::not_found, Fault::invalid, Fault::invalid, Fault::too_large};
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto file = pictures->get({i});
    ASSERT_FALSE(file) << i;
    EXPECT_EQ(file.error().fault, faults[i]) << file.error().message;
    EXPECT_THAT(file.error().message, HasSubstr(folder_.string()));
  }
}

TEST(PictureSet, DrawsPngsOfItsSize) {
  for (const PictureKind kind : {PictureKind::scene, PictureKind::screen, PictureKind::frame}) {
    auto pictures = PictureSet::open({.kind = kind, .seed = 5, .width = 96, .height = 64});
    ASSERT_TRUE(pictures);
    const auto file = pictures->get({7});
    ASSERT_TRUE(file);
    EXPECT_EQ(format_of(file->bytes()), Format::png);
    const DecodedImage image = decoded(file);
    EXPECT_EQ(image.width, 96u);
    EXPECT_EQ(image.height, 64u);
  }
}

TEST(PictureSet, NumbersStepsKindsAndSeedsAreDifferentPictures) {
  std::set<Key> seen;
  std::size_t asked = 0;
  for (const PictureKind kind : {PictureKind::scene, PictureKind::screen, PictureKind::frame}) {
    for (const std::uint64_t seed : {1, 2}) {
      auto pictures = PictureSet::open({.kind = kind, .seed = seed, .width = 160, .height = 120});
      for (const std::uint32_t number : {0U, 1U, 0xFFFF'FFFFU}) {
        for (std::uint32_t step = 0; step < (kind == PictureKind::scene ? 1U : 3U); ++step, ++asked)
          seen.insert(image_key(decoded(pictures->get({number, step}))));
      }
    }
  }
  EXPECT_EQ(seen.size(), asked);
}

TEST(PictureSet, AnotherSetDrawsTheSame) {
  const PictureSetOptions options{.kind = PictureKind::screen, .seed = 8, .width = 160, .height = 120};
  EXPECT_EQ(PictureSet::open(options)->get({3, 4})->text(), PictureSet::open(options)->get({3, 4})->text());
}

TEST(PictureSet, WhatWasMadeIsKept) {
  auto pictures = PictureSet::open({.width = 64, .height = 64});
  const auto first = pictures->get({1}), again = pictures->get({1});
  EXPECT_EQ(first->bytes().data(), again->bytes().data());
}

TEST(PictureSet, ASceneDoesNotChange) {
  const auto changed = PictureSet::open({.width = 64, .height = 64})->get({1, 1});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().fault, Fault::invalid);
  EXPECT_THAT(changed.error().message, HasSubstr("use drawn screens or frames"));
}

TEST(PictureSet, SidesHaveBounds) {
  for (const auto& [width, height] : {std::pair{0U, 10U}, {10U, 0U}, {drawn_side_max + 1, 10U}, {10U, ~0U}}) {
    const auto pictures = PictureSet::open({.width = width, .height = height});
    ASSERT_FALSE(pictures);
    EXPECT_EQ(pictures.error().fault, Fault::invalid);
    EXPECT_THAT(pictures.error().message, HasSubstr("1 to 4096"));
  }
}

TEST(PictureSet, ManyThreadsGetTheSamePictures) {
  auto pictures = PictureSet::open({.kind = PictureKind::frame, .width = 64, .height = 48});
  auto other = PictureSet::open({.kind = PictureKind::frame, .width = 64, .height = 48});
  std::vector<int> rights(8);
  {
    std::vector<std::jthread> threads;
    for (int& right : rights) {
      threads.emplace_back([&] {
        for (std::uint32_t i = 0; i < 20; ++i) {
          const auto mine = pictures->get({i % 5, i}), theirs = other->get({i % 5, i});
          right += mine && theirs && mine->text() == theirs->text();
        }
      });
    }
  }
  for (const int right : rights) EXPECT_EQ(right, 20);
}

}  // namespace
}  // namespace fovea
