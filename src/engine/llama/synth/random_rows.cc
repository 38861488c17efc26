// A counter-based generator: element i of a tensor is SplitMix64's mixing of seed + i, so no state passes
// from one element to the next and threads draw rows in any order.
#include "engine/llama/synth/random_rows.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "fovea/key.h"

namespace fovea::llama {

namespace {

// The sum of four 16-bit numbers is close to normally distributed, and needs no function whose last bit
// depends on a library.
constexpr std::int64_t sum_mean = std::int64_t{2} * 65535;
constexpr float sum_deviation = 37837.23f;  // sqrt(4 * (65536^2 - 1) / 12)

// SplitMix64's mixing of the counter `state`.
std::uint64_t mixed(std::uint64_t state) {
  state *= 0x9e3779b97f4a7c15u;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebu;
  return state ^ (state >> 31);
}

void draw_row(std::uint64_t seed, const Draw& draw, std::int64_t row, std::span<float> numbers) {
  if (std::ranges::binary_search(draw.zero_rows, row)) {
    std::ranges::fill(numbers, 0.0f);
    return;
  }
  const float scale = draw.spread / sum_deviation;
  const std::uint64_t first = seed + static_cast<std::uint64_t>(row) * numbers.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint64_t bits = mixed(first + i);
    const auto sum =
        static_cast<std::int64_t>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
    const float around_zero = static_cast<float>(sum - sum_mean) * scale;
    numbers[i] = draw.mean + around_zero;
  }
}

void draw_part(std::uint64_t seed, const Draw& draw, const TensorPiece& piece, std::int64_t from, std::int64_t to,
               std::byte* bytes) {
  const auto type = static_cast<ggml_type>(piece.type);
  const std::size_t row_bytes = ggml_row_size(type, piece.row_length);
  std::vector<float> numbers(static_cast<std::size_t>(piece.row_length));
  for (std::int64_t row = from; row < to; ++row) {
    draw_row(seed, draw, piece.first_row + row, numbers);
    ggml_quantize_chunk(type, numbers.data(), bytes + static_cast<std::size_t>(row) * row_bytes, 0, 1, piece.row_length,
                        nullptr);
  }
}

}  // namespace

std::uint64_t tensor_seed(std::uint64_t seed, std::string_view file, std::string_view tensor) {
  return KeyBuilder("fovea/synth/1").field(seed).field(file).field(tensor).finish().bits();
}

void draw_rows(std::uint64_t seed, const Draw& draw, const TensorPiece& piece, std::span<std::byte> bytes) {
  ggml_quantize_init(static_cast<ggml_type>(piece.type));
  // Below, starting a thread costs more than it saves.
  constexpr std::int64_t elements_per_thread_min = 1 << 16;
  const std::int64_t useful = 1 + piece.rows * piece.row_length / elements_per_thread_min;
  const std::int64_t parts =
      std::min({useful, piece.rows, static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()))});
  std::vector<std::jthread> threads;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t from = piece.rows * part / parts;
    const std::int64_t to = piece.rows * (part + 1) / parts;
    threads.emplace_back([=, &draw, &piece] { draw_part(seed, draw, piece, from, to, bytes.data()); });
  }
}

}  // namespace fovea::llama
