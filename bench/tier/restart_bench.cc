// restart_bench: what a known picture costs after a restart, from the disk, beside one from memory; and what
// the disk costs a first look. On a real model pair; every ratio is between numbers of this run.
//
//   restart_bench [--model FILE --mmproj FILE] [--rounds N] [--side PIXELS] [--part restart|overhead]
//
// restart   another question about a picture, behind its stored prefix and with its embeddings alone, each
// from
//           memory and from the disk of a pipeline that has ended
// overhead  a first request with the disk on beside one without it, new pictures, in alternating order
//
// The model is the bundled one unless named. The first round only warms up and is not counted.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <format>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "base/units.h"
#include "model_run.h"
#include "new_picture.h"
#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace {

using namespace fovea;
using bench::median, bench::ModelRun, bench::new_picture, bench::or_exit;

Request request_about(const ImageSource& source, const std::string& question, const std::string& system = "") {
  Request request{.messages = {}, .sources = {source}, .options = {.max_tokens = 4}};
  if (!system.empty()) request.messages.push_back({"system", {system}});
  request.messages.push_back({"user", {ImageSlot{0}, question}});
  return request;
}

// A pipeline with a disk, as a process has it.
class Process {
 public:
  Process(VisionLanguageEngine& engine, const std::filesystem::path& folder) : engine_(engine) {
    auto tier = or_exit(RocksdbTier::open({.folder = folder, .bytes_max = std::uint64_t{10} << 30}));
    tiers_.push_back(std::make_unique<TierLane>(std::move(tier), TierLaneOptions{}));
    pipeline_ = std::make_unique<Pipeline>(engine, PipelineOptions{.response_bytes_max = 0, .tiers = &tiers_});
  }
  ~Process() {
    pipeline_.reset();
    flush();
  }
  void flush() { tiers_.front()->flush(std::chrono::steady_clock::now() + std::chrono::seconds(60)); }
  // The decoder has nothing cached.
  Answer ask(const Request& request) {
    engine_.purge_idle();
    return or_exit(pipeline_->answer(request));
  }

 private:
  VisionLanguageEngine& engine_;
  Tiers tiers_;
  std::unique_ptr<Pipeline> pipeline_;
};

struct Series {
  std::string name;
  std::vector<double> ms;  // until the first token: generating is the same for all

  void add(const Answer& answer) {
    const StageTimes& times = answer.report.times;
    ms.push_back(times.total_ms - times.generate_ms - times.store_ms);
  }
};

void expect(bool holds, const char* what) {
  if (!holds) std::println("NOT AS EXPECTED: {}", what);
}

void restart(VisionLanguageEngine& engine, const ModelRun& run) {
  const auto folder = or_exit(ScratchFolder::make("fovea-restart-bench"));
  Series first{"first look", {}}, prefix{"prefix from memory", {}}, prefix_disk{"prefix from the disk", {}};
  Series embedding{"embeddings from memory", {}}, embedding_disk{"embeddings from the disk", {}};
  const auto skips_first = [](int round, Series& series, const Answer& answer) {
    if (round > 0) series.add(answer);
  };
  std::vector<std::string> texts;
  {
    Process process(engine, folder.path());
    for (int round = 0; round <= run.rounds; ++round) {
      const ImageSource source = new_picture(run.side, round);
      skips_first(round, first, process.ask(request_about(source, "What is this?")));
      const Answer behind = process.ask(request_about(source, "And where?"));
      skips_first(round, prefix, behind);
      skips_first(round, embedding, process.ask(request_about(source, "And where?", "Answer briefly.")));
      texts.push_back(behind.text);
    }
  }
  Process process(engine, folder.path());
  for (int round = 0; round <= run.rounds; ++round) {
    const ImageSource source = new_picture(run.side, round);
    const Answer behind = process.ask(request_about(source, "And where?"));
    skips_first(round, prefix_disk, behind);
    expect(farthest_tier(behind.report, CacheLevel::prefix) == TierKind::disk, "a prefix from the disk");
    expect(behind.text == texts[static_cast<std::size_t>(round)], "the same answer");
    const Answer embedded = process.ask(request_about(source, "And where?", "Answer in one word."));
    skips_first(round, embedding_disk, embedded);
    expect(farthest_tier(embedded.report, CacheLevel::embedding) == TierKind::disk, "embeddings from the disk");
  }
  const auto print = [&](const Series& series, const Series& beside) {
    std::println("{:<28} {:>10}  {:>7.4f} of a first look  {:.2f}x of {}", series.name, format_ms(median(series.ms)),
                 median(series.ms) / median(first.ms), median(series.ms) / median(beside.ms), beside.name);
  };
  std::println("until the first token, medians:");
  print(first, first);
  print(prefix, prefix);
  print(prefix_disk, prefix);
  print(embedding, embedding);
  print(embedding_disk, embedding);
}

void overhead(VisionLanguageEngine& engine, const ModelRun& run) {
  const auto folder = or_exit(ScratchFolder::make("fovea-restart-bench"));
  Process with(engine, folder.path());
  Pipeline without(engine, {.response_bytes_max = 0});
  std::vector<double> ratios, with_ms, without_ms;
  for (int round = 0; round <= run.rounds; ++round) {
    double on = 0, off = 0;
    for (const bool disk : {round % 2 == 0, round % 2 != 0}) {
      const Request request = request_about(new_picture(run.side, 1000 + 2 * round + (disk ? 1 : 0)), "What is this?");
      engine.purge_idle();
      (disk ? on : off) = (disk ? with.ask(request) : or_exit(without.answer(request))).report.times.total_ms;
      if (disk) with.flush();
    }
    if (round == 0) continue;
    ratios.push_back(on / off);
    with_ms.push_back(on);
    without_ms.push_back(off);
  }
  const auto count = static_cast<double>(ratios.size());
  double mean = 0, spread = 0;
  for (const double ratio : ratios) mean += ratio / count;
  for (const double ratio : ratios) spread += (ratio - mean) * (ratio - mean);
  std::println("first request without a disk   {}", format_ms(median(without_ms)));
  std::println("first request with a disk      {}", format_ms(median(with_ms)));
  std::println("with / without, paired         {:.4f} +- {:.4f} (standard error of {} pairs)", mean,
               std::sqrt(spread / count / std::max(1.0, count - 1)), ratios.size());
}

}  // namespace

int main(int count, char** arguments) {
  ModelRun run;
  std::string part = "restart";
  CLI::App flags("What a known picture costs after a restart, and what the disk costs a first look");
  run.add_model(flags);
  run.add_rounds(flags);
  flags.add_option("--part", part)->check(CLI::IsMember({"restart", "overhead"}))->capture_default_str();
  CLI11_PARSE(flags, count, arguments);
  const auto engine = or_exit(llama::LlamaEngine::open(run.engine));
  run.print("restart_bench " + part);
  part == "overhead" ? overhead(*engine, run) : restart(*engine, run);
  return 0;
}
