// reading: a log that is written in a test, as read_log reads it; and pictures for it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audit/read_log.h"
#include "image/data_url.h"
#include "image/encode.h"

namespace fovea::test {

struct LogReading {
  Result<LogSummary> summary;
  std::vector<AuditedRequest> requests;
};

inline LogReading reading(std::string text, const LogOptions& options = {}) {
  std::vector<AuditedRequest> requests;
  std::array<TraceSource, 1> sources{TraceSource::of(std::move(text), "log")};
  auto summary = read_log(sources, options, [&](const AuditedRequest& request) { requests.push_back(request); });
  return {std::move(summary), std::move(requests)};
}

// The one request of a log that has one. JSON is one line, however it is written here.
inline AuditedRequest only_request(std::string text, const LogOptions& options = {}) {
  if (text.starts_with('{')) std::ranges::replace(text, '\n', ' ');
  const LogReading read = reading(std::move(text), options);
  EXPECT_TRUE(read.summary) << (read.summary ? "" : read.summary.error().message);
  EXPECT_EQ(read.requests.size(), 1u) << (read.summary ? read.summary->first_bad : "");
  return read.requests.empty() ? AuditedRequest() : read.requests.front();
}

inline LogOptions as(LogFormat format) { return {.format = format}; }

// A picture with a ramp of colours that `phase` shifts.
inline DecodedImage ramp(std::uint32_t width, std::uint32_t height, std::uint32_t phase = 0) {
  const auto fill = [&](std::span<std::byte> out) {
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        const std::size_t at = (std::size_t{y} * width + x) * image_channels;
        out[at] = static_cast<std::byte>(x * 255 / width);
        out[at + 1] = static_cast<std::byte>(y * 255 / height);
        out[at + 2] = static_cast<std::byte>((x * 3 / width + phase) * 60 % 256);
      }
    }
  };
  return {width, height, Blob::filled(std::size_t{width} * height * image_channels, fill)};
}

inline std::string png_url(const DecodedImage& image) { return encode_data_url("image/png", *encode_png(image)); }

}  // namespace fovea::test
