// SPDX-License-Identifier: Apache-2.0

// A dictionary of visual tokens, replaced: the second look at a picture costs nothing.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "fovea/level.h"

// Stands for a vision encoder: 64 tokens of 576 numbers, slowly.
fovea::Blob encode(const std::string& picture) {
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return fovea::Blob::filled(64 * 576 * sizeof(float), [&](std::span<std::byte> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::byte(picture[i % picture.size()]);
  });
}

int main() {
  fovea::Level tokens(fovea::LevelOptions{.bytes_max = 10ull << 30});
  for (const std::string picture : {"cat.jpg's pixels", "dog.jpg's pixels", "cat.jpg's pixels"}) {
    // Everything that could change the tokens goes into the key: the picture, the model, the options.
    const fovea::Key key = fovea::KeyBuilder("example/tokens/1").field(picture).field("model, 512x512").finish();
    const auto start = std::chrono::steady_clock::now();
    const fovea::Result<fovea::Blob> embedding = tokens.get_or_compute(key, [&] { return encode(picture); });
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("%s: %zu floats in %.3f ms\n", picture.c_str(), embedding->as<float>().size(), took.count());
  }
  std::printf("saved %.0f ms\n", tokens.stats().saved_ms);
  return tokens.stats().hits == 1 ? 0 : 1;
}
