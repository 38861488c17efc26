// moved_speed: how long a question about a known picture takes to its first token, where its embeddings are
// known and where its state is moved, in the decoder alone.
//
//   moved_speed --model FILE --mmproj FILE [--rounds N] [--sides 512,2048] [--cells N] > times.json
//
// Both prompts have a system prompt in front of the picture, of other words in each round. The ways run in
// turns. Where the state is moved, the time has all of it: restoring the picture's bytes, shifting the
// positions (libllama rotates the keys of the whole cache at the next decode), and the tokens computed anew.
// What the product does before either (decoding the picture, hashing it) is in neither.
//
// Output is one line a picture: {"side", "tiles", "picture_tokens", "block_bytes", "cells", "threads",
// "kernels", "ways": [{"share", "shifted", "computed", "ms", "cpu_ms"}]}, with one time for each round. The
// way without `share` is the embedding hit. The one that is not `shifted` takes the state from the same
// positions, so that it shows what the shift costs. `cpu_ms` is the time that processors spent on it, which
// other programs hardly change. The first round only warms up and is left out.
#include <ctime>
#include <glaze/glaze.hpp>
#include <optional>
#include <print>
#include <string>
#include <vector>

#include "base/clock.h"
#include "image/decode.h"
#include "model_run.h"
#include "moved_decoder.h"
#include "pictures/sources.h"

namespace moved {

struct Way {
  std::optional<double> share;
  bool shifted = false;
  std::uint32_t computed = 0;
  std::vector<double> ms;
  std::vector<double> cpu_ms;
};
struct Times {
  std::uint32_t side = 0;
  std::size_t tiles = 0;
  std::uint32_t picture_tokens = 0;
  std::size_t block_bytes = 0;
  std::uint32_t cells = 0;
  std::int32_t threads = 0;
  std::string kernels;
  std::vector<Way> ways;
};

}  // namespace moved

namespace {

using namespace fovea;
using bench::LaidOut, bench::MovedDecoder, bench::or_exit;

struct Picture {
  ImageSize size;
  std::vector<Blob> embeddings;
};

Picture embedded(llama::LlamaEngine& engine, std::uint32_t side) {
  const ImageSource source = test::png(side, side, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    return {static_cast<std::uint8_t>(x / 8 * 31 + y / 8 * 17), static_cast<std::uint8_t>(x),
            static_cast<std::uint8_t>(y)};
  });
  const DecodedImage image = or_exit(decode(source.bytes.bytes()));
  const auto tiled = or_exit(engine.preprocess(image));
  Picture picture{.size = {image.width, image.height}, .embeddings = {}};
  for (std::size_t i = 0; i < tiled->tile_count(); ++i)
    picture.embeddings.push_back(or_exit(engine.encode(*tiled, i, {})).embedding);
  return picture;
}

LaidOut laid_out(llama::LlamaEngine& engine, const MovedDecoder& decoder, const Picture& picture,
                 const std::vector<Message>& messages) {
  LaidOut prompt;
  prompt.layout =
      or_exit(llama::LlamaLayout::make(decoder.loaded(), or_exit(engine.render(messages)), std::vector{picture.size}));
  prompt.embeddings = {picture.embeddings};
  return prompt;
}

// From an empty context, with all of the prompt.
void add_first_token(moved::Way& way, MovedDecoder& decoder, const LaidOut& prompt, const bench::MovedImage* moved) {
  const auto items = bench::items_of(*prompt.layout, 0);
  const std::size_t end = prompt.layout->items().size();
  decoder.clear();
  const Stopwatch watch;
  const std::clock_t cpu = std::clock();
  decoder.prefill(prompt, 0, moved ? items.begin : end);
  if (moved) {
    decoder.place(prompt, *moved);
    decoder.prefill(prompt, items.end, end);
  }
  way.ms.push_back(watch.elapsed_ms());
  way.cpu_ms.push_back(1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
}

moved::Times measured(const llama::LlamaOptions& options, llama::LlamaEngine& engine, MovedDecoder& decoder,
                      std::uint32_t side, int rounds) {
  const Picture picture = embedded(engine, side);
  const LaidOut from =
      laid_out(engine, decoder, picture, {{"user", {ImageSlot{0}, std::string("Describe the picture.")}}});
  const bench::Block block = decoder.block_of(from, 0);
  const auto tokens = static_cast<std::uint32_t>(block.end - block.begin);
  moved::Times times{.side = side,
                     .tiles = picture.embeddings.size(),
                     .picture_tokens = tokens,
                     .block_bytes = block.bytes.size(),
                     .cells = llama_n_ctx(decoder.loaded().context.get()),
                     .threads = options.threads,
                     .kernels = decoder.loaded().kernels.told(),
                     .ways = {{.share = {}, .shifted = false, .computed = tokens, .ms = {}, .cpu_ms = {}},
                              {.share = 0, .shifted = false, .computed = 0, .ms = {}, .cpu_ms = {}}}};
  for (const double share : bench::moved_shares)
    times.ways.push_back(
        {.share = share, .shifted = true, .computed = bench::tokens_of_share(share, tokens), .ms = {}, .cpu_ms = {}});
  for (int round = 0; round <= rounds; ++round) {
    const LaidOut prompt = laid_out(
        engine, decoder, picture,
        {{"system", {std::format("You help visitor {} of a museum. Answer briefly and in plain words.", round)}},
         {"user", {ImageSlot{0}, std::format("Question {}: what is to be seen here?", round)}}});
    const bench::Block own = decoder.block_of(prompt, 0);
    for (std::size_t turn = 0; turn < times.ways.size(); ++turn) {
      moved::Way& way = times.ways[(turn + static_cast<std::size_t>(round)) % times.ways.size()];
      const bench::MovedImage image{way.shifted ? block : own, 0, way.computed};
      add_first_token(way, decoder, prompt, way.share ? &image : nullptr);
    }
    if (round > 0) continue;
    for (moved::Way& way : times.ways) way.ms.clear(), way.cpu_ms.clear();
  }
  return times;
}

}  // namespace

int main(int count, char** arguments) {
  bench::ModelRun run{.rounds = 7};
  run.engine.gpu_layers = 0;
  std::vector<std::uint32_t> sides = {512, 2048};
  CLI::App flags("How long a question about a known picture takes with --reuse moved");
  run.add_model(flags);
  flags.add_option("--rounds", run.rounds, "Measured rounds; one more comes first and is not counted")
      ->check(CLI::PositiveNumber);
  flags.add_option("--sides", sides, "Of the pictures, in pixels")->delimiter(',')->check(CLI::Range(64, 8192));
  flags.add_option("--cells", run.engine.ctx_size, "Of the context; 0 = as many as the product takes");
  CLI11_PARSE(flags, count, arguments);
  const auto engine = or_exit(llama::LlamaEngine::open(run.engine));
  MovedDecoder decoder(run.engine);
  for (const std::uint32_t side : sides)
    std::println("{}", glz::write_json(measured(run.engine, *engine, decoder, side, run.rounds)).value_or("{}"));
}
