#include "audit/log/content/picture_reader.h"

#include <filesystem>
#include <fstream>

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::png_url;
using test::ramp;

class Pictures {
 public:
  explicit Pictures(PictureOptions options = {}) : reader_(std::move(options)) {}

  const AuditedPicture& of(std::string_view name) {
    reader_.add(name, PictureDetail::none, {}, request_);
    return request_.pictures.back();
  }
  const AuditedPart& part() const { return request_.parts.back(); }
  PictureReader& reader() { return reader_; }
  AuditedRequest& request() { return request_; }

 private:
  PictureReader reader_;
  AuditedRequest request_;
};

TEST(PictureReader, KnowsTheFileAndTheImage) {
  Pictures pictures;
  const std::string url = png_url(ramp(300, 200));
  const AuditedPicture picture = pictures.of(url);
  EXPECT_FALSE(picture.by_url);
  EXPECT_EQ(picture.format, Format::png);
  EXPECT_EQ(picture.width, 300u);
  EXPECT_EQ(picture.height, 200u);
  EXPECT_EQ(picture.image_hash, image_key(ramp(300, 200)).bits());
  EXPECT_EQ(picture.tiles, 2u);
  EXPECT_EQ(pictures.part().bytes, picture.bytes);
  const AuditedPicture again = pictures.of(url);
  EXPECT_EQ(again.source_hash, picture.source_hash);
  EXPECT_EQ(again.tiles_begin, 2u) << "each time it has its tiles";
  EXPECT_EQ(pictures.request().tile_hashes[0], pictures.request().tile_hashes[2]);
  EXPECT_EQ(pictures.part().picture, 1u);
}

TEST(PictureReader, KnowsTheSameImageUnderAnotherFile) {
  Pictures pictures;
  const auto png = encode_png(ramp(60, 40));
  std::string longer(png->text());
  longer += "behind the end";
  const AuditedPicture a = pictures.of(encode_data_url("image/png", *png));
  const AuditedPicture b = pictures.of(encode_data_url("image/png", Blob::copy_of(longer)));
  EXPECT_NE(a.source_hash, b.source_hash);
  EXPECT_EQ(a.image_hash, b.image_hash);
}

TEST(PictureReader, TakesBase64WithoutAUrl) {
  Pictures pictures;
  const std::string url = png_url(ramp(60, 40));
  const std::uint64_t hash = pictures.of(url).source_hash;
  pictures.reader().add_base64(url.substr(url.find(',') + 1), {}, pictures.request());
  EXPECT_EQ(pictures.request().pictures.back().source_hash, hash);
}

TEST(PictureReader, NamesPicturesByTheirAddress) {
  Pictures pictures;
  const AuditedPicture plain = pictures.of("https://example.org/a.jpg");
  EXPECT_TRUE(plain.by_url);
  EXPECT_EQ(plain.bytes, 0u);
  EXPECT_EQ(pictures.part().masked_hash, pictures.part().hash);
  EXPECT_NE(pictures.of("https://example.org/a.jpg?v=2").source_hash, plain.source_hash);
  EXPECT_EQ(pictures.part().masked_hash, plain.source_hash) << "but for its query it is the same";
}

TEST(PictureReader, DecodesNoMoreThanItMay) {
  Pictures none({.folder = {}, .decode = false});
  const AuditedPicture picture = none.of(png_url(ramp(60, 40)));
  EXPECT_EQ(picture.width, 60u) << "by its header";
  EXPECT_FALSE(picture.image_hash);
  EXPECT_EQ(none.reader().counts().undecoded, 1u);
  Pictures one({.folder = {}, .decode = true, .decoded_max = 1});
  EXPECT_TRUE(one.of(png_url(ramp(60, 40))).image_hash);
  EXPECT_FALSE(one.of(png_url(ramp(60, 41))).image_hash);
  EXPECT_TRUE(one.of(png_url(ramp(60, 40))).image_hash) << "what is known stays known";
}

TEST(PictureReader, CountsWhatIsNoPicture) {
  Pictures pictures;
  EXPECT_EQ(pictures.of("data:image/png;base64,QUJD").format, Format::none);
  pictures.of("data:image/png;base64,%%%");
  const std::string url = png_url(ramp(60, 40));
  pictures.of(url.substr(0, url.size() / 2));
  EXPECT_EQ(pictures.reader().counts().undecodable, 3u);
}

TEST(PictureReader, FollowsNoPathOutOfTheFolder) {
  const auto folder = std::filesystem::temp_directory_path() / "fovea_picture_reader_test";
  std::filesystem::create_directories(folder / "in/deep");
  const Blob png = *encode_png(ramp(60, 40));
  for (const char* name : {"in/deep/a b.png", "out.png"}) std::ofstream(folder / name, std::ios::binary) << png.text();
  std::filesystem::create_symlink("../out.png", folder / "in/link.png");
  Pictures pictures({.folder = (folder / "in").string()});
  EXPECT_FALSE(pictures.of("deep/a b.png").by_url);
  EXPECT_FALSE(pictures.of("file://" + (folder / "in/deep/a%20b.png").string()).by_url);
  EXPECT_TRUE(pictures.of("../out.png").by_url);
  EXPECT_TRUE(pictures.of("link.png").by_url);
  EXPECT_TRUE(pictures.of((folder / "out.png").string()).by_url);
  EXPECT_TRUE(pictures.of("deep").by_url);
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(pictures.of("deep/a b.png").by_url) << "it is known already";
}

}  // namespace
}  // namespace fovea
