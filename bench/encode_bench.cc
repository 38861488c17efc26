// encode_bench: what a later request about a picture costs beside the first one, on a real model pair. Every
// ratio is between numbers of this run.
//
//   encode_bench [--model FILE --mmproj FILE] [--rounds N] [--side PIXELS]
//                [--part requests|prefix|overhead|patch|kernels]
//
// requests  the whole answer of 20 tokens about a picture: first request, another question, exact repeat
// prefix    another question about a picture: with the prefix cached in the decoder, restored, and not cached
// overhead  a first request with caching on beside one with caching off, new pictures, in alternating order
// patch     a picture in which 50 x 50 pixels changed, beside encoding all of it
// kernels   a tile and a prompt of 512 tokens with each choice of --kernels: times, and how far apart the
//           embeddings and logits are
//
// The model is the bundled one unless named. The first picture only warms up and is not counted.
#include <algorithm>
#include <cmath>
#include <format>
#include <print>
#include <string>
#include <vector>

#include "base/units.h"
#include "image/decode.h"
#include "kernels.h"
#include "model_run.h"
#include "pictures/sources.h"
#include "pipeline/pipeline.h"

namespace {

using namespace fovea;
using bench::median, bench::ModelRun, bench::or_exit;

constexpr std::int32_t answer_tokens = 20;

// A picture that no other number has; with `patch`, 50 x 50 pixels in a corner are another colour.
ImageSource picture(std::uint32_t side, int number, bool patch = false) {
  return test::png(side, side, [=](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    if (patch && x >= side / 16 && x < side / 16 + 50 && y >= side / 16 && y < side / 16 + 50) return {255, 0, 255};
    const std::uint32_t mix = (x / 8 * 31 + y / 8 * 17) * static_cast<std::uint32_t>(number * 2 + 1);
    return {static_cast<std::uint8_t>(mix), static_cast<std::uint8_t>(x + static_cast<std::uint32_t>(number)),
            static_cast<std::uint8_t>(y)};
  });
}

// The same pixels in other bytes: bytes behind the end of a PNG are not part of the picture.
ImageSource other_file(const ImageSource& source) {
  return {Blob::copy_of(std::string(source.bytes.text()) + "."), source.name};
}

Request request_about(const ImageSource& source, const std::string& question, bool cache = true) {
  return {.messages = {{"user", {ImageSlot{0}, question}}},
          .sources = {source},
          .options = {.max_tokens = answer_tokens},
          .cache = {cache, cache}};
}

Answer ask(Pipeline& pipeline, const Request& request) { return or_exit(pipeline.answer(request)); }

struct Series {
  std::string name;
  std::vector<double> total_ms;

  void print(double off_ms, double miss_ms) const {
    const double middle = median(total_ms);
    std::println("{:<44} {:>10}  (min {}, max {})  {:.1f}x of off, {:.1f}x of a first request", name, format_ms(middle),
                 format_ms(std::ranges::min(total_ms)), format_ms(std::ranges::max(total_ms)), off_ms / middle,
                 miss_ms / middle);
  }
};

void requests(Pipeline& pipeline, const ModelRun& run) {
  Series uncached{"caching off"}, first{"first request (all levels miss)"}, second{"another question (embedding hit)"};
  Series file{"exact repeat, other bytes (decode and hash)"}, repeat{"exact repeat, source known"};
  for (int round = 0; round <= run.rounds; ++round) {
    const ImageSource source = picture(run.side, round);
    const double off_ms = ask(pipeline, request_about(source, "What else?", false)).report.times.total_ms;
    const double miss_ms = ask(pipeline, request_about(source, "What is this?")).report.times.total_ms;
    const double hit_ms = ask(pipeline, request_about(source, "What else?")).report.times.total_ms;
    const double file_ms = ask(pipeline, request_about(other_file(source), "What else?")).report.times.total_ms;
    const double repeat_ms = ask(pipeline, request_about(source, "What else?")).report.times.total_ms;
    if (round == 0) continue;
    uncached.total_ms.push_back(off_ms);
    first.total_ms.push_back(miss_ms);
    second.total_ms.push_back(hit_ms);
    file.total_ms.push_back(file_ms);
    repeat.total_ms.push_back(repeat_ms);
  }
  const double off_ms = median(uncached.total_ms);
  const double miss_ms = median(first.total_ms);
  for (const Series* series : {&uncached, &first, &second, &file, &repeat}) series->print(off_ms, miss_ms);
}

// One row of the prefix part: times of whole answers, and until the first token.
struct Way {
  std::string name;
  std::vector<double> total_ms, first_ms, restore_ms;

  void add(const Answer& answer) {
    const StageTimes& times = answer.report.times;
    total_ms.push_back(times.total_ms);
    first_ms.push_back(times.total_ms - times.generate_ms - times.store_ms);
    restore_ms.push_back(times.restore_ms);
  }
  void print(const Way& cold, const Way& embedding) const {
    const double total = median(total_ms), first = median(first_ms);
    std::println("{:<34} {:>10}  {:>10}  {:>10}  {:>8.3f}  {:>8.3f}", name, format_ms(total), format_ms(first),
                 format_ms(median(restore_ms)), total / median(cold.total_ms), total / median(embedding.total_ms));
  }
};

void prefix(Pipeline& kept, VisionLanguageEngine& engine, const ModelRun& run) {
  Pipeline not_kept(engine, {.prefix_bytes_max = 0, .response_bytes_max = 0});
  Way cold{"no cache"}, embedding{"embedding hit, no prefix"}, in_decoder{"prefix cached in the decoder"},
      stored{"stored prefix restored"};
  std::vector<double> snapshot_ms;
  std::uint64_t bytes = 0;
  for (int round = 0; round <= run.rounds; ++round) {
    const ImageSource one = picture(run.side, 2000 + round), other = picture(run.side, 3000 + round);
    for (Pipeline* pipeline : {&not_kept, &kept}) ask(*pipeline, request_about(other, "What is this?"));
    const Answer first = ask(kept, request_about(one, "What is this?"));
    const Answer in_place = ask(kept, request_about(one, "And where?"));
    ask(kept, request_about(other, "What else?"));
    const Answer restored = ask(kept, request_about(one, "And where?"));
    ask(not_kept, request_about(one, "What is this?"));
    const Answer found = ask(not_kept, request_about(one, "And where?"));
    const Answer none = ask(not_kept, request_about(one, "And where?", false));
    if (none.text != restored.text || none.text != found.text) std::println("round {}: ANSWERS DIFFER", round);
    if (round == 0) continue;
    cold.add(none);
    embedding.add(found);
    in_decoder.add(in_place);
    stored.add(restored);
    snapshot_ms.push_back(first.report.times.store_ms);
    bytes = kept.stats().prefix.bytes / kept.stats().prefix.entries;
  }
  std::println("{:<34} {:>10}  {:>10}  {:>10}  {:>8}  {:>8}", "another question", "answer", "to first", "restore",
               "of cold", "of found");
  for (const Way* way : {&cold, &embedding, &in_decoder, &stored}) way->print(cold, embedding);
  std::println("a state: {}; storing it, after the answer: {}", format_bytes(bytes), format_ms(median(snapshot_ms)));
}

void overhead(Pipeline& pipeline, const ModelRun& run) {
  std::vector<double> ratios, on_ms, off_ms, added_ms;
  for (int round = 0; round <= run.rounds; ++round) {
    const ImageSource source = picture(run.side, 1000 + round);
    double on = 0, off = 0, added = 0;
    for (const bool cached : {round % 2 == 0, round % 2 != 0}) {
      // The run without caching neither finds nor stores anything, so the picture is new for whichever run
      // comes second.
      const StageTimes times = ask(pipeline, request_about(source, "What is this?", cached)).report.times;
      (cached ? on : off) = times.total_ms;
      if (cached) added = times.hash_ms + times.lookup_ms + times.store_ms;
    }
    if (round == 0) continue;
    ratios.push_back(on / off);
    on_ms.push_back(on);
    off_ms.push_back(off);
    added_ms.push_back(added);
  }
  double mean = 0, spread = 0;
  for (const double ratio : ratios) mean += ratio / static_cast<double>(ratios.size());
  for (const double ratio : ratios) spread += (ratio - mean) * (ratio - mean);
  const double error =
      std::sqrt(spread / static_cast<double>(ratios.size()) / std::max(1.0, static_cast<double>(ratios.size()) - 1));
  std::println("caching off                       {}", format_ms(median(off_ms)));
  std::println("caching on                        {}", format_ms(median(on_ms)));
  std::println("on / off, paired                  {:.4f} +- {:.4f} (standard error of {} pairs)", mean, error,
               ratios.size());
  std::println("steps that only caching takes     {} = {:.3f} % of a first request", format_ms(median(added_ms)),
               100 * median(added_ms) / median(off_ms));
}

void patch(Pipeline& pipeline, const ModelRun& run) {
  const Answer before = ask(pipeline, request_about(picture(run.side, 1), "What is this?"));
  const Answer changed = ask(pipeline, request_about(picture(run.side, 1, true), "What is this?"));
  const Answer all = ask(pipeline, request_about(picture(run.side, 1, true), "What is this?", false));
  const ImageReport& image = changed.report.images[0];
  std::println("first request        {} tiles encoded, {}", before.report.images[0].tiles,
               format_ms(before.report.times.total_ms));
  std::println("50 x 50 changed      {} of {} tiles encoded, {}", image.tiles - image.tiles_hit, image.tiles,
               format_ms(changed.report.times.total_ms));
  std::println("the same, uncached   {} tiles encoded, {}", all.report.images[0].tiles,
               format_ms(all.report.times.total_ms));
  std::println("whole answer {:.2f}x faster; encoding {} instead of {}, {:.2f}x; answers {}",
               all.report.times.total_ms / changed.report.times.total_ms, format_ms(changed.report.times.encode_ms),
               format_ms(all.report.times.encode_ms), all.report.times.encode_ms / changed.report.times.encode_ms,
               all.text == changed.text ? "equal" : "NOT EQUAL");
}

}  // namespace

int main(int count, char** arguments) {
  ModelRun run;
  std::string part = "requests";
  CLI::App flags("What a later request about a picture costs beside the first one");
  run.add_model(flags);
  run.add_rounds(flags);
  flags.add_option("--part", part)
      ->check(CLI::IsMember({"requests", "prefix", "overhead", "patch", "kernels"}))
      ->capture_default_str();
  CLI11_PARSE(flags, count, arguments);
  run.print("encode_bench " + part);
  if (part == "kernels") {
    bench::compare_kernels(run, [&](int number) { return or_exit(decode(picture(run.side, number).bytes.bytes())); });
    return 0;
  }
  const auto engine = or_exit(llama::LlamaEngine::open(run.engine));
  Pipeline pipeline(*engine, {.prefix_bytes_max = part == "prefix" ? std::uint64_t{4} << 30 : 0,
                              .response_bytes_max = part == "prefix" ? 0 : std::uint64_t{1} << 30});
  if (part == "overhead")
    overhead(pipeline, run);
  else if (part == "prefix")
    prefix(pipeline, *engine, run);
  else if (part == "patch")
    patch(pipeline, run);
  else
    requests(pipeline, run);
  return 0;
}
