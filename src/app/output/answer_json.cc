// glaze names the members of the object after those of the structs in namespace json.
//
// pictures[].in_prefix and timings_ms.hash stand beside their old names, "held" and "name", which 0.3.0
// removes.
#include "app/output/answer_json.h"

#include <optional>

#include "app/output/json_line.h"
#include "attention/regions.h"

namespace fovea::app {

namespace json {

struct Usage {
  std::int32_t prompt_tokens, completion_tokens, total_tokens;
  struct {
    std::int32_t cached_tokens;
  } prompt_tokens_details;
};

struct LevelOutcome {
  std::string status;
  std::string reason;  // of a bypass
};

struct Cache {
  LevelOutcome response, prefix, embedding;
};

struct Picture {
  std::string file, image_key;
  std::uint32_t width, height, tiles, tiles_hit;
  bool decoded, preprocessed, in_prefix;
  bool held;  // the old name of in_prefix
};

struct Timings {
  double decode, lookup, wait, restore, preprocess, hash;
  double name;  // the old name of hash
  double encode, prefill, generate, score, store, total;
};

struct HeatMap {
  std::uint32_t columns, rows;
  std::vector<float> scores;  // row by row
  std::vector<Region> regions;
};

struct Attention {
  float importance;
  double visual_share, probability;
  std::vector<HeatMap> pictures;
};

struct Drafts {
  std::int32_t drafted, accepted;
};

struct Answer {
  std::string question, answer, finish_reason;
  Usage usage;
  Cache cache;
  std::vector<Picture> pictures;
  Timings timings_ms;
  double saved_ms;
  Drafts drafts;                    // tokens that were guessed ahead, and how many were right
  std::optional<float> importance;  // of an answer whose attention was recorded
  std::optional<Attention> attention;
};

}  // namespace json

namespace {

constexpr std::size_t regions_max = 10;

json::Attention attention_of(const AnswerAttention& attention) {
  json::Attention object{attention.importance, attention.visual_share, attention.probability, {}};
  for (const PictureMap& map : attention.pictures)
    object.pictures.push_back({map.columns, map.rows, map.scores, most_looked_at(map, regions_max)});
  return object;
}

}  // namespace

std::string answer_json(const std::string& question, const std::vector<ImageSource>& sources, const Answer& answer) {
  const RequestReport& report = answer.report;
  const StageTimes& times = report.times;
  json::Answer object{
      .question = question,
      .answer = answer.text,
      .finish_reason = answer.finish_reason == FinishReason::stop ? "stop" : "length",
      .usage = {answer.prompt_tokens,
                answer.answer_tokens,
                answer.prompt_tokens + answer.answer_tokens,
                {report.cached_tokens}},
      .cache = {{std::string(to_string(report.response)), describe(report.response_bypass, CacheLevel::response)},
                {std::string(to_string(report.prefix)), describe(report.prefix_bypass, CacheLevel::prefix)},
                {std::string(to_string(report.embedding)), describe(report.embedding_bypass, CacheLevel::embedding)}},
      .pictures = {},
      .timings_ms = {times.decode_ms, times.lookup_ms, times.wait_ms, times.restore_ms, times.preprocess_ms,
                     times.hash_ms, times.hash_ms, times.encode_ms, times.prefill_ms, times.generate_ms, times.score_ms,
                     times.store_ms, times.total_ms},
      .saved_ms = report.saved_ms,
      .drafts = {report.drafts.drafted, report.drafts.accepted},
      .importance = report.importance,
      .attention = {}};
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    const ImageReport& image = report.images[i];
    object.pictures.push_back({sources[i].name, image.image_key.hex(), image.width, image.height, image.tiles,
                               image.tiles_hit, image.decoded, image.preprocessed, image.in_prefix, image.in_prefix});
  }
  if (answer.attention) object.attention = attention_of(*answer.attention);
  return json_line(object);
}

}  // namespace fovea::app
