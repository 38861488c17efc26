// near_frames_bench: shows drawn camera frames to the product's near frames, and answers questions about them
// with the embeddings that it takes and with exact ones; for frames.py, which draws the frames.
//
//   near_frames_bench [--model FILE] [--mmproj FILE] [--every K...] < frames > looks.jsonl
//   near_frames_bench --time [--model FILE] [--mmproj FILE] [--side PIXELS] [--tile VALUES]
//
// A frame is a line "frame SOURCE WIDTH HEIGHT QUESTIONS WHICH DISTANCES", WIDTH * HEIGHT * 3 bytes of RGB,
// and a line for each question. WHICH has a digit for each K: 1 where the questions are answered with what it
// takes. With DISTANCES 1, the relative L2 distances of embeddings are computed too. A line "purge" drops
// all sources. Each frame is looked at with each K (frames between exact encodes), which share nothing. A
// frame gives a line: "outcome" and "age" by K; where something was asked, the exact answers, and by K those
// with the embedding that would be used; and "taken" (from the frame's exact embedding to the one used, by K)
// and "consecutive" (to the exact one of the frame of the same source before).
//
// A frame is encoded only where its embedding is asked for: where none is taken, by a question or by a
// distance.
//
// --time: how long a comparison takes beside an encode, in turns.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <glaze/glaze.hpp>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <print>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "engine/llama/decode/chunks.h"
#include "engine/prefill_prompt.h"
#include "model_run.h"
#include "near/near_frames.h"

namespace near_bench {

struct Looked {
  std::string source;
  std::uint64_t frame = 0;
  std::vector<int> outcome, age;
  std::vector<std::string> exact;
  std::vector<std::vector<std::string>> near;
  std::vector<double> taken;
  std::optional<double> consecutive;
};

}  // namespace near_bench

namespace {

using namespace fovea;
using bench::or_exit;

// A frame, and its embedding once somebody asked for it.
struct Frame {
  std::uint64_t number = 0;
  DecodedImage image;
  Blob embedding;
};
using SharedFrame = std::shared_ptr<Frame>;

Key key_of(std::string_view domain, std::string_view text) { return KeyBuilder(domain).field(text).finish(); }

class Camera {
 public:
  Camera(const llama::LlamaOptions& options, const std::vector<std::uint32_t>& every)
      : loaded_(or_exit(llama::LoadedModel::load(options))), engine_(or_exit(llama::LlamaEngine::open(options))) {
    const auto white = input_of(plain(255)), black = input_of(plain(0));
    level_ = (white.values.front() - black.values.front()) / 255;
    for (const std::uint32_t k : every) intervals_.push_back(std::make_unique<Interval>(level_, k));
  }

  float level() const { return level_; }

  // What the encoder is fed.
  llama::TileInput input_of(const DecodedImage& image) {
    const auto* pixels = reinterpret_cast<const unsigned char*>(image.pixels.bytes().data());
    std::vector<llama::Bitmap> bitmaps;
    bitmaps.push_back(llama::Bitmap(mtmd_bitmap_init(image.width, image.height, pixels)));
    const auto chunks = or_exit(llama::Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps));
    check(chunks.tiles().size() == 1, "the bundled model has one tile a picture");
    auto input = loaded_.probe->read([&] { mtmd_encode_chunk(loaded_.vision.get(), chunks.tiles().front()); });
    check(input.has_value(), "the bundled model's encoder shows what it is fed");
    return *std::move(input);
  }

  near_bench::Looked look(const std::string& source, const DecodedImage& image,
                          const std::vector<std::string>& questions, const std::string& which, bool distances) {
    const auto frame = std::make_shared<Frame>(Frame{++frames_, image, {}});
    near_bench::Looked looked{.source = source, .frame = frame->number};
    const llama::TileInput input = input_of(image);
    std::vector<SharedFrame> used;
    for (const auto& interval : intervals_) {
      const auto look = interval->frames.look(key_of("source", source), {input.width, input.height, input.values});
      if (!look.embedding) {
        const Key key = key_of("frame", std::to_string(frame->number));
        interval->frames.encoded(look, key, embedding(*frame).as<float>());
        interval->of_source[source] = {key, frame};
      }
      const auto& [key, reference] = interval->of_source.at(source);
      check(!look.embedding || *look.embedding == key, "a source takes embeddings of its own frames");
      used.push_back(reference);
      looked.outcome.push_back(static_cast<int>(look.outcome));
      looked.age.push_back(static_cast<int>(look.age));
    }
    if (!questions.empty()) looked.exact = answers(*frame, questions);
    if (!questions.empty()) {
      std::map<std::uint64_t, std::vector<std::string>> known{{frame->number, looked.exact}};
      for (std::size_t i = 0; i < used.size(); ++i) {
        const bool wanted = i < which.size() && which[i] == '1';
        if (wanted && !known.contains(used[i]->number)) known[used[i]->number] = answers(*used[i], questions);
        looked.near.push_back(wanted ? known[used[i]->number] : std::vector<std::string>());
      }
    }
    if (distances) {
      for (const SharedFrame& taken : used) looked.taken.push_back(distance(*frame, *taken));
      if (const auto last = last_.find(source); last != last_.end())
        looked.consecutive = distance(*frame, *last->second);
    }
    last_[source] = frame;
    return looked;
  }

  void purge() {
    for (const auto& interval : intervals_) {
      interval->frames.purge();
      interval->of_source.clear();
    }
    last_.clear();
  }

  const Blob& embedding(Frame& frame) {
    if (frame.embedding.empty()) {
      const auto tiled = or_exit(engine_->preprocess(frame.image));
      frame.embedding = or_exit(engine_->encode(*tiled, 0, {})).embedding;
    }
    return frame.embedding;
  }

 private:
  struct Interval {
    Interval(float level, std::uint32_t k) : frames({.level = level, .exact_every = k}) {}
    NearFrames frames;
    std::map<std::string, std::pair<Key, SharedFrame>> of_source;  // the one encoded last
  };

  static DecodedImage plain(int value) {
    const std::vector<std::byte> pixels(96 * 96 * 3, static_cast<std::byte>(value));
    return {96, 96, Blob::copy_of(pixels)};
  }

  std::vector<std::string> answers(Frame& frame, const std::vector<std::string>& questions) {
    const PromptImage image{{frame.image.width, frame.image.height}, {embedding(frame)}};
    std::vector<std::string> texts;
    for (const std::string& question : questions) {
      const Prompt prompt = or_exit(engine_->render(std::vector<Message>{{"user", {ImageSlot{0}, question}}}));
      const auto prefilled = or_exit(prefill_prompt(*engine_, prompt, std::span(&image, 1)));
      texts.push_back(or_exit(prefilled.slot->generate({.max_tokens = 64}, {})).text);
    }
    return texts;
  }

  double distance(Frame& exact, Frame& other) {
    const auto a = embedding(exact).as<float>(), b = embedding(other).as<float>();
    double squares = 0, norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return std::sqrt(squares / norm);
  }

  llama::LoadedModel loaded_;  // shows the encoder's input
  std::unique_ptr<llama::LlamaEngine> engine_;
  float level_ = 0;
  std::vector<std::unique_ptr<Interval>> intervals_;
  std::map<std::string, SharedFrame> last_;
  std::uint64_t frames_ = 0;
};

void read_frames(Camera& camera) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "purge") {
      camera.purge();
      std::println("purged");
      std::fflush(stdout);
      continue;
    }
    std::istringstream words(line);
    std::string word, source, which;
    std::uint32_t width = 0, height = 0;
    std::size_t questions = 0;
    bool distances = false;
    words >> word >> source >> width >> height >> questions >> which >> distances;
    if (!words || word != "frame" || width == 0 || height == 0 || width > 4096 || height > 4096) {
      std::println(stderr, "not a frame: {}", line);
      std::exit(1);
    }
    const Blob pixels = Blob::filled(std::size_t{3} * width * height, [](std::span<std::byte> bytes) {
      std::cin.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    });
    std::vector<std::string> asked(questions);
    for (std::string& question : asked) std::getline(std::cin, question);
    const auto looked = camera.look(source, {width, height, pixels}, asked, which, distances);
    std::println("{}", glz::write_json(looked).value_or("{}"));
  }
}

constexpr float noise_level = 2.0F / 255;

// Values with noise of one level, as the encoder may be fed them.
std::vector<float> noisy(std::size_t count, float level, std::mt19937& random) {
  std::normal_distribution<float> noise(0, level);
  std::vector<float> values(count);
  for (float& value : values) value = noise(random);
  return values;
}

// The encode of a tile, by the model given, of a picture with `side` pixels; the comparison, of a tile with
// `tile` values a side. Noise alone, so that nearly every tile is near and compared to its end.
void print_times(const bench::ModelRun& run, std::uint32_t tile) {
  const auto engine = or_exit(llama::LlamaEngine::open(run.engine));
  std::vector<double> encodes, looks, ratios;
  std::mt19937 random(1);
  const Blob pixels = Blob::filled(std::size_t{3} * run.side * run.side, [&](std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 255U);
  });
  const auto tiled = or_exit(engine->preprocess({run.side, run.side, pixels}));
  NearFrames frames({.level = noise_level, .exact_every = 1'000'000});
  std::size_t near = 0;
  // The noise is learnt first; what is encoded is the same each time.
  const int learning = 20;
  for (int round = 0; round < learning + run.rounds; ++round) {
    const auto values = noisy(std::size_t{3} * tile * tile, noise_level, random);
    const Stopwatch watch;
    const auto look = frames.look(key_of("source", "one"), {tile, tile, values});
    const double look_ms = watch.elapsed_ms();
    if (!look.embedding) frames.encoded(look, key_of("frame", "one"));
    if (round < learning) continue;
    const double encode_ms = or_exit(engine->encode(*tiled, 0, {})).took_ms;
    near += look.embedding.has_value();
    looks.push_back(look_ms);
    encodes.push_back(encode_ms);
    ratios.push_back(look_ms / encode_ms);
  }
  std::println("{} rounds, {} of them near; medians", run.rounds, near);
  std::println("encode of one tile of {}: {:.3f} ms", tiled->tile_count(), bench::median(encodes));
  std::println("comparison of {} x {} values: {:.3f} ms, {:.2f} % of the encode, {} bytes kept", tile, tile,
               bench::median(looks), 100 * bench::median(ratios), frames.bytes());
}

}  // namespace

int main(int count, char** arguments) {
  bench::ModelRun run{.rounds = 7, .side = 512};
  std::uint32_t tile = 512;
  run.engine.threads = 1;
  std::vector<std::uint32_t> every{10, 30, 100};
  bool time = false;
  CLI::App flags("Near frames beside exact ones");
  run.add_model(flags);
  flags.add_option("--every", every, "Frames between exact encodes")->delimiter(',');
  run.add_rounds(flags);
  flags.add_option("--tile", tile, "Values a side of a tile, with --time")->capture_default_str();
  flags.add_flag("--time", time, "Measures a comparison and an encode");
  CLI11_PARSE(flags, count, arguments);
  if (time) {
    print_times(run, tile);
    return 0;
  }
  Camera camera(run.engine, every);
  read_frames(camera);
}
