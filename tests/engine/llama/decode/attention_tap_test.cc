// Attention summaries of the bundled model, and of one with sliding windows and heads that share keys:
// compared with full matrices, and that watching attention changes no logit.
#include <ggml-backend.h>
#include <ggml.h>
#include <gtest/gtest.h>
#include <llama.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <span>
#include <vector>

#include "engine/llama/decode/attention_tap.h"
#include "engine/llama/llama_engine.h"
#include "engine/llama/loaded_model.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/mutilation.h"
#include "engine/prefill_prompt.h"
#include "engine/small_shape.h"
#include "image/decode.h"
#include "pictures/sources.h"

namespace fovea::llama {
namespace {

// A model's files, and the sliding windows of its layers.
struct Model {
  std::filesystem::path decoder, mmproj;
  std::uint32_t window = 0;  // 0 = all layers see all
  std::size_t layers_that_see_all = 0;
};

Model bundled() { return {test::tiny_model, test::tiny_mmproj, 0, 6}; }

Model windowed() {
  static const test::ScratchFolder folder;
  static const SynthPaths paths = synthesise(test::small_windowed(), {.directory = folder.path()}).value();
  return {paths.decoder, paths.mmproj, test::small_windowed().decoder.window, 1};
}

std::unique_ptr<LlamaEngine> open_watching(const std::string& attention_layers, const Model& model = bundled()) {
  auto engine =
      LlamaEngine::open({.model = model.decoder, .mmproj = model.mmproj, .attention_layers = attention_layers});
  EXPECT_TRUE(engine) << (engine ? "" : engine.error().message);
  return engine ? std::move(*engine) : nullptr;
}

DecodedImage red_square() {
  const ImageSource source = test::png(96, 96, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    const bool inside = x > 24 && x < 72 && y > 24 && y < 72;
    return inside ? test::Rgb{220, 40, 40} : test::Rgb{255, 255, 255};
  });
  return decode(source.bytes.bytes()).value();
}

struct Observed {
  std::string text;
  std::vector<std::int32_t> tokens;
  std::vector<float> logits;
};

// The question's answer; fills `summary` if it is not null.
Observed ask(LlamaEngine& engine, std::vector<PromptPart> parts, AttentionSummary* summary) {
  const DecodedImage image = red_square();
  auto tiled = engine.preprocess(image).value();
  PromptImage embedded{{image.width, image.height}, {}};
  for (std::size_t i = 0; i < tiled->tile_count(); ++i)
    embedded.embeddings.push_back(engine.encode(*tiled, i, {}).value().embedding);
  const std::vector<PromptImage> images(2, embedded);
  const auto prefilled =
      prefill_prompt(engine, engine.render(std::vector<Message>{{"user", std::move(parts)}}).value(), images, summary);
  EXPECT_TRUE(prefilled) << prefilled.error().message;
  Observed observed;
  const auto observe = [&](const Token& token, std::string_view) {
    if (token.logits.empty()) return;
    observed.tokens.push_back(token.id);
    observed.logits.insert(observed.logits.end(), token.logits.begin(), token.logits.end());
  };
  observed.text = prefilled->slot->generate({.max_tokens = 24}, observe).value().text;
  return observed;
}

// The text tokens behind the first picture, without those between two tiles of one picture.
std::uint64_t text_behind_pictures(const AttentionSummary& summary) {
  std::uint64_t tokens = 0;
  for (std::size_t i = 1; i < summary.runs.size(); ++i) {
    const TokenRun &before = summary.runs[i - 1], &run = summary.runs[i];
    const TokenRun* after = i + 1 < summary.runs.size() ? &summary.runs[i + 1] : nullptr;
    const bool seen = std::ranges::any_of(std::span(summary.runs).first(i), &TokenRun::visual);
    const bool markup = before.visual && after && after->visual && after->image == before.image && after->tile > 0;
    if (seen && !run.visual && !markup) tokens += run.count;
  }
  return tokens;
}

class WatchedLayers : public testing::TestWithParam<std::tuple<Model (*)(), const char*>> {};
INSTANTIATE_TEST_SUITE_P(All, WatchedLayers,
                         testing::Combine(testing::Values(bundled, windowed), testing::Values("0", "1-2", "all")));

TEST_P(WatchedLayers, EveryRowGivesAllItsAttentionAndNothingElseIsCounted) {
  const auto& [model, layers] = GetParam();
  const auto engine = open_watching(layers, model());
  for (const auto& parts : {std::vector<PromptPart>{ImageSlot{0}, "What color is the square?"},
                            std::vector<PromptPart>{"Look:", ImageSlot{0}, "and", ImageSlot{1}, "What shape is it?"}}) {
    AttentionSummary summary;
    ask(*engine, parts, &summary);
    ASSERT_TRUE(are_sound(summary.runs));
    EXPECT_EQ(summary.sum.query_rows(), text_behind_pictures(summary));
    const std::vector<double> importance = summary.sum.importance();
    const double all = std::reduce(importance.begin(), importance.end());
    EXPECT_NEAR(all, static_cast<double>(summary.sum.query_rows()), 1e-3);
    const std::uint32_t tokens = token_count(summary.runs);
    const double known = std::reduce(importance.begin(), importance.begin() + tokens);
    EXPECT_NEAR(known, all, 1e-9) << "weight on positions that hold nothing";
    EXPECT_LT(summary.log_probability, 0);
    EXPECT_GT(summary.tokens, 0);
  }
}

TEST(Attention, TilesLieOnTheirGrid) {
  const auto engine = open_watching("0");
  AttentionSummary summary;
  ask(*engine, {ImageSlot{0}, "and", ImageSlot{1}, "What shape is it?"}, &summary);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> tiles;
  for (const TokenRun& run : summary.runs) {
    if (!run.visual) continue;
    EXPECT_EQ(run.columns, run.rows);
    tiles.emplace_back(run.image, run.tile);
  }
  EXPECT_EQ(tiles, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 0}, {1, 0}}));
}

class Watched : public testing::TestWithParam<Model (*)()> {};
INSTANTIATE_TEST_SUITE_P(Models, Watched, testing::Values(bundled, windowed));

TEST_P(Watched, WatchingChangesNothing) {
  const auto engine = open_watching("all", GetParam()());
  const std::vector<PromptPart> parts = {ImageSlot{0}, "What color is the square?"};
  AttentionSummary summary;
  const Observed watched = ask(*engine, parts, &summary);
  const Observed alone = ask(*engine, parts, nullptr);
  EXPECT_GT(watched.tokens.size(), 0u);
  EXPECT_GT(summary.sum.query_rows(), 0u);
  EXPECT_EQ(watched.tokens, alone.tokens);
  ASSERT_EQ(watched.logits.size(), alone.logits.size());
  EXPECT_EQ(std::memcmp(watched.logits.data(), alone.logits.data(), alone.logits.size() * sizeof(float)), 0);
}

TEST(Attention, AnEngineWithoutAttentionLayersHasNone) {
  const auto engine = open_watching("");
  EXPECT_FALSE(engine->has_attention());
  AttentionSummary summary;
  EXPECT_EQ(ask(*engine, {ImageSlot{0}, "What color is the square?"}, &summary).text, "red");
  EXPECT_EQ(summary.sum.layers(), 0u);
}

TEST(Attention, TheKernelIsInTheFingerprint) {
  EXPECT_NE(open_watching("")->text_fingerprint(), open_watching("0")->text_fingerprint());
  EXPECT_EQ(open_watching("0")->text_fingerprint(), open_watching("1")->text_fingerprint());
}

// Keeps every matrix that the tap is shown, and shows it to the tap.
struct Keeper {
  AttentionTap tap{std::vector<bool>(1000, true)};
  // By node: mean over heads of each query's row.
  std::map<std::string, std::vector<std::vector<double>>> rows;

  static bool on_node(ggml_tensor* node, bool ask, void* keeper) {
    auto& self = *static_cast<Keeper*>(keeper);
    const bool wanted = AttentionTap::on_node(node, ask, &self.tap);
    if (ask) return wanted;
    std::vector<float> weights(static_cast<std::size_t>(ggml_nelements(node)));
    ggml_backend_tensor_get(node, weights.data(), 0, weights.size() * sizeof(float));
    const auto keys = static_cast<std::size_t>(node->ne[0]), queries = static_cast<std::size_t>(node->ne[1]),
               heads = static_cast<std::size_t>(node->ne[2]);
    for (std::size_t q = 0; q < queries; ++q) {
      std::vector<double> row(keys);
      for (std::size_t h = 0; h < heads; ++h) {
        for (std::size_t k = 0; k < keys; ++k)
          row[k] += static_cast<double>(weights[(h * queries + q) * keys + k]) / static_cast<double>(heads);
      }
      self.rows[node->name].push_back(std::move(row));
    }
    return true;
  }
};

// Whether a row gives weight to a key that is not among the last `window`. Row i is that of position i.
bool sees_beyond(const std::vector<std::vector<double>>& rows, std::uint32_t window) {
  for (std::size_t q = window; q < rows.size(); ++q) {
    if (std::any_of(rows[q].begin(), rows[q].begin() + static_cast<std::ptrdiff_t>(q + 1 - window),
                    [](double weight) { return weight != 0; }))
      return true;
  }
  return false;
}

TEST_P(Watched, AgreesWithFullMatricesInDoubles) {
  const Model files = GetParam()();
  const auto loaded = open_watching("0", files);  // checks the files and starts the libraries
  llama_model* model = llama_model_load_from_file(files.decoder.c_str(), llama_model_default_params());
  ASSERT_NE(model, nullptr);
  Keeper keeper;
  llama_context_params params = llama_context_default_params();
  params.n_ctx = 512;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.swa_full = true;
  params.cb_eval = Keeper::on_node;
  params.cb_eval_user_data = &keeper;
  llama_context* context = llama_init_from_model(model, params);
  ASSERT_NE(context, nullptr);
  AttentionSum sum;
  keeper.tap.watch(&sum);
  std::vector<llama_token> tokens(100);
  std::iota(tokens.begin(), tokens.end(), 5);
  ASSERT_EQ(llama_decode(context, llama_batch_get_one(tokens.data(), 100)), 0);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(llama_decode(context, llama_batch_get_one(&tokens[i], 1)), 0);
  llama_free(context);
  llama_model_free(model);

  ASSERT_EQ(keeper.rows.size(), sum.layers());
  EXPECT_EQ(std::ranges::count_if(keeper.rows, [&](const auto& of) { return sees_beyond(of.second, files.window); }),
            files.layers_that_see_all);
  std::vector<double> expected;
  for (const auto& [layer, rows] : keeper.rows) {
    EXPECT_EQ(rows.size(), 120u) << layer;
    for (const auto& row : rows) {
      expected.resize(std::max(expected.size(), row.size()));
      for (std::size_t k = 0; k < row.size(); ++k) expected[k] += row[k] / static_cast<double>(keeper.rows.size());
    }
  }
  const std::vector<double> importance = sum.importance();
  ASSERT_EQ(importance.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(importance[k], expected[k], 1e-5) << k;
}

// In a layer with a sliding window the decoder may drop what lies before the window and use its cells again.
// A column would then not be the position of its index. The prompt is longer than a window and a batch, so
// that this would happen.
TEST(Attention, AWindowLiesWhereTheTokensAre) {
  const Model files = windowed();
  auto loaded = LoadedModel::load({.model = files.decoder, .mmproj = files.mmproj, .attention_layers = "0"});
  ASSERT_TRUE(loaded) << loaded.error().message;
  constexpr std::uint32_t count = 1500;
  std::vector<llama_token> tokens(count);
  for (std::uint32_t i = 0; i < count; ++i) tokens[i] = static_cast<llama_token>(5 + i % 100);
  llama_context* context = loaded->context.get();
  ASSERT_EQ(llama_decode(context, llama_batch_get_one(tokens.data(), count)), 0);
  AttentionSum sum;
  loaded->tap->watch(&sum);
  ASSERT_EQ(llama_decode(context, llama_batch_get_one(tokens.data(), 1)), 0);
  const std::vector<double> importance = sum.importance();  // of one row, that of position `count`
  ASSERT_GT(importance.size(), count);
  for (std::size_t k = 0; k < importance.size(); ++k)
    EXPECT_EQ(importance[k] > 0, k <= count && k + files.window > count) << k;
}

}  // namespace
}  // namespace fovea::llama
