// SampledFrames: which frames are taken, of all containers and codecs; and what is refused, in which words.
#include "video/sampled_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>
#include <set>
#include <string>
#include <vector>

#include "video/make_clip.h"

namespace fovea {
namespace {

using test::ClipSpec;
using test::cut;
using test::difference;
using test::grey;
using test::make_clip;
using test::moving_square;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::string_literals;

using Frames = std::vector<SampledFrame>;

Result<Frames> frames_of(const Blob& source, const FrameSampling& sampling = {}, const VideoLimits& limits = {},
                         std::stop_token stop = {}) {
  auto pass = SampledFrames::open(source.bytes(), sampling, limits, std::move(stop));
  if (!pass) return std::unexpected(pass.error());
  Frames frames;
  for (;;) {
    auto frame = pass->next();
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) return frames;
    frames.push_back(std::move(**frame));
  }
}

std::vector<std::int64_t> milliseconds(const Result<Frames>& frames) {
  std::vector<std::int64_t> times;
  for (const SampledFrame& frame : frames.value_or(Frames())) times.push_back((frame.at_us + 500) / 1000);
  return times;
}

// "invalid: The video ...", or "" where it was read.
std::string refusal(const Result<Frames>& frames) {
  return frames ? "" : std::format("{}: {}", to_string(frames.error().fault), frames.error().message);
}

Blob squares(const ClipSpec& spec) {
  return make_clip(spec, [&](std::uint32_t i) { return moving_square(i, spec.width, spec.height); });
}

const FrameSampling every_frame{.fps = 1000, .frames_max = 1000};

struct Kind {
  const char* container;
  const char* encoder;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.encoder << " in " << kind.container; }

class SampledFramesOf : public testing::TestWithParam<Kind> {
 protected:
  ClipSpec spec() const { return {.container = GetParam().container, .encoder = GetParam().encoder, .fps = 25}; }
};

TEST_P(SampledFramesOf, ShowsEachFrameOnce) {
  const Blob clip = squares(spec());
  const auto frames = frames_of(clip, every_frame);
  ASSERT_TRUE(frames) << refusal(frames);
  ASSERT_EQ(frames->size(), 10u);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const DecodedImage& image = (*frames)[i].image;
    EXPECT_NEAR(static_cast<double>((*frames)[i].at_us), i * 40'000.0, 1'001) << i;
    EXPECT_LT(difference(image, moving_square(i)), difference(image, moving_square(i + 1))) << i;
    EXPECT_LT(difference(image, moving_square(i)), 90) << i;
  }
}

TEST_P(SampledFramesOf, GivesTheSamePixelsEveryTime) {
  const Blob clip = squares(spec());
  const auto once = frames_of(clip), again = frames_of(clip);
  ASSERT_TRUE(once && again) << refusal(once);
  ASSERT_EQ(once->size(), again->size());
  for (std::size_t i = 0; i < once->size(); ++i)
    EXPECT_EQ(image_key((*once)[i].image), image_key((*again)[i].image)) << i;
}

TEST_P(SampledFramesOf, NeverShowsMoreOfACutFileThanItsWholeFrames) {
  const Blob clip = squares(spec());
  const auto whole = frames_of(clip, every_frame);
  ASSERT_TRUE(whole) << refusal(whole);
  std::set<Key> keys;
  for (const SampledFrame& frame : *whole) keys.insert(image_key(frame.image));
  for (const double share : {0.1, 0.3, 0.5, 0.7, 0.9, 0.97}) {
    const auto frames = frames_of(cut(clip, share), every_frame);
    if (!frames) continue;
    for (const SampledFrame& frame : *frames)
      EXPECT_TRUE(keys.contains(image_key(frame.image))) << share << " " << frame.at_us;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, SampledFramesOf,
                         testing::Values(Kind{"mp4", "libx264"}, Kind{"mp4", "libx265"}, Kind{"mp4", "mpeg4"},
                                         Kind{"mov", "mjpeg"}, Kind{"mp4", "libaom-av1"}, Kind{"webm", "libvpx"},
                                         Kind{"webm", "libvpx-vp9"}, Kind{"matroska", "libx264"},
                                         Kind{"matroska", "mpeg2video"}, Kind{"avi", "mjpeg"}, Kind{"avi", "mpeg4"},
                                         Kind{"mpegts", "libx264"}, Kind{"mpegts", "mpeg2video"},
                                         Kind{"vob", "mpeg2video"}, Kind{"mpeg", "mpeg1video"},
                                         Kind{"ogg", "libtheora"}, Kind{"flv", "libx264"}));

TEST(SampledFrames, TakesTheFramesThatAreShownAtItsTimes) {
  const Blob clip = squares({.frames = 40, .fps = 10});
  EXPECT_THAT(milliseconds(frames_of(clip)), ElementsAre(0, 500, 1000, 1500, 2000, 2500, 3000, 3500));
  EXPECT_THAT(milliseconds(frames_of(clip, {.num_frames = 4})), ElementsAre(0, 1300, 2600, 3900));
  EXPECT_THAT(milliseconds(frames_of(clip, {.fps = 3, .num_frames = 3})), ElementsAre(0, 1900, 3900));
  EXPECT_THAT(milliseconds(frames_of(clip, {.fps = 3, .frames_max = 4})), ElementsAre(0, 1300, 2600, 3900));
  EXPECT_THAT(milliseconds(frames_of(clip, {.num_frames = 1})), ElementsAre(0));
  EXPECT_EQ(milliseconds(frames_of(clip, every_frame)).size(), 40u) << "no frame is taken twice";
}

TEST(SampledFrames, GoesByTheTimesOfFramesThatAreNotEvenlySpread) {
  const Blob clip = squares({.encoder = "mpeg4", .frames = 5, .times = {0, 100, 200, 1400, 1800}});
  EXPECT_THAT(milliseconds(frames_of(clip)), ElementsAre(0, 200, 1400))
      << "at 0.5 and 1 s the picture of 0.2 s is still shown, and is taken once";
  EXPECT_THAT(milliseconds(frames_of(clip, {.num_frames = 2})), ElementsAre(0, 1800));
}

TEST(SampledFrames, RefusesTimesThatNoVideoHas) {
  const Blob clip = squares({.container = "matroska", .frames = 3, .times = {0, 100, 4'000'000'000'000'000}});
  EXPECT_THAT(refusal(frames_of(clip)), HasSubstr("invalid: The Matroska"));
  const Blob long_clip = squares({.container = "matroska", .frames = 3, .times = {0, 100, 4'000'000'000}});
  EXPECT_THAT(refusal(frames_of(long_clip)), HasSubstr("too_large: The video is 4000000 s long"));
}

TEST(SampledFrames, ReadsAVideoThatDoesNotSayHowLongItIs) {
  // A stream's Matroska has neither duration nor an index; a fragmented MP4 has them in pieces.
  const Blob live = squares({.container = "matroska", .encoder = "libx264", .frames = 20, .muxer = {{"live", "1"}}});
  EXPECT_THAT(milliseconds(frames_of(live)), ElementsAre(0, 500, 1000, 1500));
  const Blob fragments = squares(
      {.encoder = "libx264", .frames = 20, .with = {{"g", "5"}}, .muxer = {{"movflags", "frag_keyframe+empty_moov"}}});
  EXPECT_THAT(milliseconds(frames_of(fragments)), ElementsAre(0, 500, 1000, 1500));
}

TEST(SampledFrames, Incident24AreUpright) {
  const auto half = [](std::uint32_t) {  // white above
    DecodedImage image = grey(20);
    image.pixels = Blob::filled(image.pixels.size(), [](std::span<std::byte> out) {
      std::ranges::fill(out, std::byte{20});
      std::ranges::fill(out.first(out.size() / 2), std::byte{235});
    });
    return image;
  };
  struct Shown {
    int turn;
    std::uint32_t width, height, white_x, white_y;
  };
  for (const Shown& shown :
       {Shown{0, 64, 48, 32, 4}, {90, 48, 64, 4, 32}, {180, 64, 48, 32, 44}, {270, 48, 64, 44, 32}}) {
    const auto frames = frames_of(make_clip({.frames = 2, .turn = shown.turn}, half));
    ASSERT_TRUE(frames) << refusal(frames);
    const DecodedImage& image = frames->front().image;
    EXPECT_EQ(image.width, shown.width) << shown.turn;
    EXPECT_EQ(image.height, shown.height) << shown.turn;
    const auto level = [&](std::uint32_t x, std::uint32_t y) {
      return static_cast<int>(image.pixels.bytes()[(std::size_t{y} * image.width + x) * image_channels]);
    };
    EXPECT_GT(level(shown.white_x, shown.white_y), 200) << shown.turn;
    EXPECT_LT(level(image.width - 1 - shown.white_x, image.height - 1 - shown.white_y), 50) << shown.turn;
  }
}

TEST(SampledFrames, OfAStillSceneAreEqualButForWhatMoves) {
  const auto frames = frames_of(squares({.width = 128, .height = 96}), every_frame);
  ASSERT_TRUE(frames);
  for (std::size_t i = 1; i < frames->size(); ++i) {
    const auto before = (*frames)[i - 1].image.pixels.bytes(), now = (*frames)[i].image.pixels.bytes();
    std::size_t different = 0;
    for (std::size_t at = 0; at < now.size(); ++at) different += before[at] != now[at] ? 1 : 0;
    EXPECT_GT(different, 0u);
    EXPECT_LT(different, now.size() / 10);
  }
}

TEST(SampledFrames, RefusesWhatIsNoVideo) {
  EXPECT_THAT(refusal(frames_of(Blob())), HasSubstr("invalid: The video is empty"));
  EXPECT_THAT(refusal(frames_of(Blob::copy_of("a text, which is no video at all"))), HasSubstr("not a video"));
  EXPECT_THAT(refusal(frames_of(Blob::copy_of("#EXTM3U\n#EXTINF:1,\nhttp://10.0.0.1/a.ts\n"))),
              HasSubstr("a playlist"));
  EXPECT_THAT(refusal(frames_of(Blob::copy_of("ffconcat version 1.0\nfile '/etc/passwd'\n"))), HasSubstr("a playlist"));
  EXPECT_THAT(refusal(frames_of(Blob::copy_of("GIF89a and so on"))), HasSubstr("a GIF picture"));
  EXPECT_THAT(refusal(frames_of(Blob::copy_of(std::string("\0\0\0\x18"
                                                          "ftypmp42",
                                                          12) +
                                              std::string(500, 'x')))),
              HasSubstr("invalid: "));
}

TEST(SampledFrames, RefusesAFileWithSoundOnly) {
  EXPECT_THAT(refusal(frames_of(squares({.encoder = "", .sound = true}))), HasSubstr("has no video, only sound"));
  EXPECT_EQ(refusal(frames_of(squares({.encoder = "libx264", .sound = true}))), "")
      << "sound beside it does not matter";
}

TEST(SampledFrames, RefusesAVideoWithoutFrames) {
  EXPECT_THAT(refusal(frames_of(squares({.encoder = "mpeg4", .frames = 0}))), HasSubstr("invalid: "));
}

TEST(SampledFrames, RefusesOtherCodecsByName) {
  EXPECT_THAT(refusal(frames_of(squares({.container = "matroska", .encoder = "ffv1"}))),
              HasSubstr("unsupported: The video's codec (ffv1) is not read here: H.264"));
}

TEST(SampledFrames, RefusesAFileThatWasCut) {
  for (const ClipSpec& spec : {ClipSpec{.encoder = "libx264"}, ClipSpec{.encoder = "mpeg4"}, ClipSpec{},
                               ClipSpec{.encoder = "mpeg4", .muxer = {{"movflags", "empty_moov"}}}}) {
    const Blob clip = squares(spec);
    for (const double share : {0.02, 0.3, 0.6, 0.8})
      EXPECT_THAT(refusal(frames_of(cut(clip, share))), HasSubstr("invalid: ")) << spec.encoder << " " << share;
  }
}

// Cameras, hardware encoders and low latency write several slices for each picture.
TEST(SampledFrames, ReadsPicturesOfSeveralSlices) {
  for (const char* way : {"slices=3", "slices=3:cabac=0", "slice-max-mbs=5", "slice-max-size=100", "slices=3:bframes=0",
                          "sliced-threads=1:threads=3:bframes=0", "slices=2:tff=1"}) {
    const auto frames = frames_of(squares({.encoder = "libx264", .with = {{"x264-params", way}}}), every_frame);
    ASSERT_TRUE(frames) << way << ": " << refusal(frames);
    ASSERT_EQ(frames->size(), 10u) << way;
    for (std::uint32_t i = 0; i < 10; ++i) EXPECT_LT(difference((*frames)[i].image, moving_square(i)), 90) << way;
  }
  const ClipSpec hevc{.encoder = "libx265", .width = 320, .height = 256, .with = {{"x265-params", "slices=3"}}};
  EXPECT_EQ(refusal(frames_of(squares(hevc))), "");
  EXPECT_EQ(refusal(frames_of(squares({.encoder = "mpeg4", .with = {{"ps", "100"}}}))), "");
}

TEST(SampledFrames, RefusesAPictureThatLacksASlice) {
  const Blob clip = squares(
      {.container = "mpegts", .encoder = "libx264", .frames = 3, .fps = 25, .with = {{"x264-params", "slices=3"}}});
  ASSERT_EQ(refusal(frames_of(clip)), "");
  const std::string whole(clip.text());
  int slices = 0;
  for (std::size_t at = whole.find("\0\0\1"s); at != std::string::npos; at = whole.find("\0\0\1"s, at + 3)) {
    const int kind = whole[at + 3] & 31;
    if (kind != 1 && kind != 5) continue;
    std::string lacking = whole;
    lacking[at + 3] = 12;  // filler, which a decoder skips
    ++slices;
    EXPECT_THAT(refusal(frames_of(Blob::copy_of(lacking), every_frame)), HasSubstr("damaged")) << slices;
  }
  EXPECT_EQ(slices, 9);
}

// As far as a codec can notice: what HEVC, VP9 and MJPEG store may decode to something whatever its bits are.
TEST(SampledFrames, RefusesDamagedPictures) {
  const auto noise = [](std::uint32_t index) {
    DecodedImage image = grey(0, 320, 240);
    image.pixels = Blob::filled(image.pixels.size(), [=](std::span<std::byte> out) {
      std::uint32_t state = index + 1;
      for (std::byte& number : out) number = static_cast<std::byte>((state = state * 1'664'525 + 1'013'904'223) >> 24);
    });
    return image;
  };
  for (const char* encoder : {"mpeg4", "libx264"}) {
    const Blob clip =
        make_clip({.container = "matroska", .encoder = encoder, .frames = 4, .width = 320, .height = 240}, noise);
    std::string bytes(clip.text());
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 40; ++i) bytes[i] = static_cast<char>(~bytes[i]);
    const auto frames = frames_of(Blob::copy_of(bytes), every_frame);
    EXPECT_THAT(refusal(frames), HasSubstr("damaged")) << encoder;
  }
}

TEST(SampledFrames, KeepsToItsLimits) {
  const Blob clip = squares({.frames = 30, .fps = 10});
  EXPECT_THAT(refusal(frames_of(clip, {}, {.source_bytes_max = 100})), HasSubstr("too_large: The video has"));
  EXPECT_THAT(refusal(frames_of(clip, {}, {.pixels_max = 3000})),
              HasSubstr("too_large: The video's frames have 64 x 48"));
  EXPECT_THAT(refusal(frames_of(clip, {}, {.side_max = 63})), HasSubstr("too_large"));
  EXPECT_THAT(refusal(frames_of(clip, {}, {.duration_s_max = 2})), HasSubstr("too_large: The video is 3 s long"));
  EXPECT_THAT(refusal(frames_of(clip, {}, {.packets_max = 29})), HasSubstr("too_large: The video has more than 29"));
  EXPECT_THAT(refusal(frames_of(clip, {}, {.compute_s_max = 0})),
              HasSubstr("too_large: The video takes more than 0 s"));
  EXPECT_EQ(refusal(frames_of(clip, {}, {.pixels_max = 64 * 48, .side_max = 64, .packets_max = 30})), "");
}

TEST(SampledFrames, EndsWhenItsClientLeaves) {
  std::stop_source gone;
  gone.request_stop();
  EXPECT_THAT(refusal(frames_of(squares({}), {}, {}, gone.get_token())), HasSubstr("cancelled: "));
}

}  // namespace
}  // namespace fovea
