// In each round all sides compute the same, each time another one first, so that what the machine does beside
// it meets all of them. One is open at a time: threads of several engines in a process make each other wait.
// It computes once before, which reads and packs the weights. Ratios are between times of one round. float32
// is what the others are compared with: it is the closest to exact.
#include "kernels.h"

#include <array>
#include <cmath>
#include <format>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"

namespace fovea::bench {

namespace {

constexpr std::uint32_t prompt_tokens = 512;  // a batch of llama.cpp's default size

using Numbers = std::vector<float>;

struct Side {
  std::string name;
  std::string kernels = {};                                    // as the engine names them
  std::vector<double> encode_ms = {}, prefill_ms = {};         // by round
  std::vector<double> embedding_error = {}, logit_error = {};  // relative to float32's
  Numbers embedding = {}, logits = {};                         // of the last round
};

void encode(Side& side, llama::LlamaEngine& engine, const DecodedImage& image) {
  const auto tiles = or_exit(engine.preprocess(image));
  const Encoded encoded = or_exit(engine.encode(*tiles, 0, {}));
  side.encode_ms.push_back(encoded.took_ms);
  const std::span<const std::byte> bytes = encoded.embedding.bytes();
  const auto* numbers = reinterpret_cast<const float*>(bytes.data());
  side.embedding.assign(numbers, numbers + bytes.size() / sizeof(float));
}

// Text of about as many tokens as are wanted, or as half of the context has. `round` begins it.
std::unique_ptr<PromptLayout> long_prompt(llama::LlamaEngine& engine, int round) {
  const std::uint32_t wanted = std::min(prompt_tokens, engine.facts().context_tokens / 2);
  std::string text = std::to_string(round);
  for (;;) {
    text += " what is in the picture";
    auto layout = or_exit(engine.lay_out(Prompt{{text}}, {}));
    if (layout->tokens() >= wanted) return layout;
  }
}

void prefill(Side& side, llama::LlamaEngine& engine, int round) {
  const auto layout = long_prompt(engine, round);
  const auto slot = or_exit(engine.acquire_slot(*layout, {}, 1, {}));
  const Stopwatch watch;
  or_exit(slot->prefill({}, nullptr));
  side.prefill_ms.push_back(watch.elapsed_ms());
  side.logits.clear();
  or_exit(slot->generate({.max_tokens = 1}, [&](const Token& token, std::string_view) {
    side.logits.assign(token.logits.begin(), token.logits.end());
  }));
}

void compute(Side& side, const ModelRun& run, const DecodedImage& image, int round) {
  llama::LlamaOptions options = run.engine;
  options.kernels = or_exit(llama::parse_kernel_choice(side.name));
  const auto engine = or_exit(llama::LlamaEngine::open(options));
  side.kernels = engine->facts().kernels;
  Side before{.name = side.name};
  encode(before, *engine, image);
  prefill(before, *engine, round);
  encode(side, *engine, image);
  prefill(side, *engine, round);
}

// The distance of `numbers` from `exact`, in lengths of `exact`.
double relative_error(const Numbers& numbers, const Numbers& exact) {
  double distance = 0, length = 0;
  for (std::size_t i = 0; i < numbers.size() && i < exact.size(); ++i) {
    const double number = numbers[i], wanted = exact[i];
    distance += (number - wanted) * (number - wanted);
    length += wanted * wanted;
  }
  return length > 0 ? std::sqrt(distance / length) : 0;
}

// The median over rounds of ggml's time beside this one's.
double times_as_fast(const std::vector<double>& ggml_ms, const std::vector<double>& ms) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ms.size(); ++i) ratios.push_back(ggml_ms[i] / ms[i]);
  return median(ratios);
}

void print_rows(std::span<const Side> sides) {
  for (const Side& side : sides) std::println("--kernels {}: {}", side.name, side.kernels);
  std::println("{:<8} {:>10} {:>8} {:>10} {:>10} {:>8} {:>10}", "kernels", "encode", "of ggml", "error", "prefill",
               "of ggml", "error");
  for (const Side& side : sides) {
    std::println("{:<8} {:>10} {:>7.2f}x {:>8.2f} % {:>10} {:>7.2f}x {:>8.2f} %", side.name,
                 format_ms(median(side.encode_ms)), times_as_fast(sides[0].encode_ms, side.encode_ms),
                 100 * median(side.embedding_error), format_ms(median(side.prefill_ms)),
                 times_as_fast(sides[0].prefill_ms, side.prefill_ms), 100 * median(side.logit_error));
  }
}

}  // namespace

void compare_kernels(const ModelRun& run, const std::function<DecodedImage(int)>& picture) {
  std::array sides = {Side{.name = "ggml"}, Side{.name = "f32"}, Side{.name = "auto"}};
  for (int round = 0; round < run.rounds; ++round) {
    const DecodedImage image = picture(round);
    for (std::size_t i = 0; i < sides.size(); ++i)
      compute(sides[(i + static_cast<std::size_t>(round)) % sides.size()], run, image, round);
    for (Side& side : sides) {
      side.embedding_error.push_back(relative_error(side.embedding, sides[1].embedding));
      side.logit_error.push_back(relative_error(side.logits, sides[1].logits));
    }
  }
  print_rows(sides);
}

}  // namespace fovea::bench
