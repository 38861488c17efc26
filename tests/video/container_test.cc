#include "video/container.h"

#include <gtest/gtest.h>

#include <string>

#include "video/make_clip.h"

namespace fovea {
namespace {

using test::grey;
using test::make_clip;

Container container_of_text(const std::string& text) { return container_of(std::as_bytes(std::span(text))); }

TEST(ContainerOf, KnowsTheFilesThatMuxersWrite) {
  const auto made_as = [](const char* muxer, const char* encoder) {
    return container_of(
        make_clip({.container = muxer, .encoder = encoder}, [](std::uint32_t) { return grey(9); }).bytes());
  };
  EXPECT_EQ(made_as("mp4", "mpeg4"), Container::mp4);
  EXPECT_EQ(made_as("mov", "mjpeg"), Container::mp4);
  EXPECT_EQ(made_as("matroska", "mjpeg"), Container::matroska);
  EXPECT_EQ(made_as("webm", "libvpx"), Container::matroska);
  EXPECT_EQ(made_as("avi", "mjpeg"), Container::avi);
  EXPECT_EQ(made_as("mpegts", "mpeg2video"), Container::mpeg_ts);
  EXPECT_EQ(made_as("vob", "mpeg2video"), Container::mpeg_ps);
  EXPECT_EQ(made_as("ogg", "libtheora"), Container::ogg);
  EXPECT_EQ(made_as("flv", "libx264"), Container::flv);
}

TEST(ContainerOf, KnowsNothingElse) {
  for (const char* text :
       {"", "G", "#EXTM3U\n#EXT-X-VERSION:3\n", "ffconcat version 1.0\nfile 'a.mp4'\n", "<?xml version=\"1.0\"?><MPD>",
        "\xFF\xD8\xFF\xE0JFIF", "RIFF....WAVEfmt ", "GIF89a", "1\n00:00:01,000 --> 00:00:02,000\nHello\n"}) {
    EXPECT_EQ(container_of_text(text), Container::none) << text;
  }
}

TEST(ContainerOf, HasANameForEach) {
  for (const Container container : {Container::mp4, Container::matroska, Container::avi, Container::mpeg_ts,
                                    Container::mpeg_ps, Container::ogg, Container::flv}) {
    EXPECT_NE(containers_read.find(to_string(container)), std::string_view::npos) << to_string(container);
  }
}

}  // namespace
}  // namespace fovea
