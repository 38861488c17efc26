// attention_bench: the price of the attention summary, on a real model pair. Every ratio is between numbers
// of this run.
//
//   attention_bench [--model FILE --mmproj FILE] [--rounds N] [--side PIXELS]
//
// A question about a picture whose embeddings are stored is prefilled and answered with 20 tokens,
// alternately with attention and without. The engines tap more and more layers; one taps none and may use
// flash attention. The table compares with the answer alone, and with a whole miss including the encode,
// which the paper's figure (5 %) is about.
//
// The model is the bundled one unless another is named. The first round only warms up and is not counted.
#include <format>
#include <print>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"
#include "engine/prefill_prompt.h"
#include "image/decode.h"
#include "model_run.h"
#include "pictures/sources.h"

namespace {

using namespace fovea;
using bench::median, bench::ModelRun, bench::or_exit;

constexpr std::int32_t answer_tokens = 20;

DecodedImage picture(std::uint32_t side) {
  const ImageSource source = test::png(side, side, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    return {static_cast<std::uint8_t>(x / 8 * 31 + y / 8 * 17), static_cast<std::uint8_t>(x),
            static_cast<std::uint8_t>(y)};
  });
  return or_exit(decode(source.bytes.bytes()));
}

// The picture's embeddings; `took_ms` is the time of encoding.
PromptImage embedded(llama::LlamaEngine& engine, const DecodedImage& image, double& took_ms) {
  const Stopwatch watch;
  const auto tiled = or_exit(engine.preprocess(image));
  PromptImage prompt_image{{image.width, image.height}, {}};
  for (std::size_t i = 0; i < tiled->tile_count(); ++i)
    prompt_image.embeddings.push_back(or_exit(engine.encode(*tiled, i, {})).embedding);
  took_ms = watch.elapsed_ms();
  return prompt_image;
}

double answer_ms(llama::LlamaEngine& engine, const PromptImage& image, int round, AttentionSummary* summary) {
  const Prompt prompt = or_exit(engine.render(
      std::vector<Message>{{"user", {ImageSlot{0}, std::format("Question {}: what is in this picture?", round)}}}));
  const Stopwatch watch;
  const auto read = or_exit(prefill_prompt(engine, prompt, std::span(&image, 1), summary));
  or_exit(read.slot->generate({.max_tokens = answer_tokens}, {}));
  return watch.elapsed_ms();
}

void measure(ModelRun run, const DecodedImage& image, const std::string& layers) {
  run.engine.attention_layers = layers;
  const auto engine = or_exit(llama::LlamaEngine::open(run.engine));
  double encode_ms = 0;
  const PromptImage prompt_image = embedded(*engine, image, encode_ms);
  std::vector<double> on, off, ratio;
  AttentionSummary summary;
  for (int round = 0; round <= run.rounds; ++round) {
    double ms[2];
    for (const int turn : {0, 1}) {
      const bool watched = (turn + round) % 2 == 0;
      ms[watched] = answer_ms(*engine, prompt_image, round, watched ? &summary : nullptr);
    }
    if (round == 0) continue;
    off.push_back(ms[0]);
    on.push_back(ms[1]);
    ratio.push_back(ms[1] / ms[0]);
  }
  std::println(
      "{:>3} layers tapped: without attention {}, with attention {}, {:+.1f} % of the answer, {:+.2f} % of a miss ({} "
      "more to encode)",
      summary.sum.layers(), format_ms(median(off)), format_ms(median(on)), 100 * (median(ratio) - 1),
      100 * (median(on) - median(off)) / (median(off) + encode_ms), format_ms(encode_ms));
}

}  // namespace

int main(int count, char** arguments) {
  ModelRun run{.rounds = 15};
  CLI::App flags("The price of the attention summary");
  run.add_model(flags);
  run.add_rounds(flags);
  CLI11_PARSE(flags, count, arguments);
  run.print("attention_bench");
  const DecodedImage image = picture(run.side);
  for (const char* layers : {"", "0", "0-3", "0-7", "all"}) measure(run, image, layers);
}
