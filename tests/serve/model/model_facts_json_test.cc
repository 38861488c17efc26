#include "serve/model/model_facts_json.h"

#include <gtest/gtest.h>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const ModelFacts facts{.chat_template = "{{ messages }}",
                       .bos_token = "<s>",
                       .eos_token = "</s>",
                       .context_tokens = 512,
                       .slots = 2,
                       .kernels = "some 1.2"};

TEST(ModelFactsJson, PropsHaveWhatLlamaServersClientsLookFor) {
  const std::string json = props_json(facts, {.temperature = 0.5, .max_tokens = 9}, "tiny");
  EXPECT_EQ(value_at(json, "/default_generation_settings/n_ctx"), "512");
  EXPECT_EQ(value_at(json, "/default_generation_settings/params/temperature"), "0.5");
  EXPECT_EQ(value_at(json, "/default_generation_settings/params/max_tokens"), "9");
  EXPECT_EQ(value_at(json, "/default_generation_settings/params/seed"), "-1");
  EXPECT_EQ(value_at(json, "/total_slots"), "2");
  EXPECT_EQ(value_at(json, "/model_path"), R"("tiny")") << "and no path of the server's disk";
  EXPECT_EQ(value_at(json, "/modalities"), R"({"vision":true,"audio":false})");
  EXPECT_EQ(value_at(json, "/chat_template"), R"("{{ messages }}")");
  EXPECT_EQ(value_at(json, "/media_marker"), R"("<__media__>")");
  EXPECT_EQ(value_at(json, "/kernels"), R"("some 1.2")");
  EXPECT_TRUE(value_at(json, "/build_info").starts_with("\"fovea "));
}

TEST(ModelFactsJson, PropsSayWhyNothingIsDrafted) {
  const std::string with = props_json(facts, {}, "tiny"), without = props_json(facts, {}, "tiny", "it cannot");
  EXPECT_EQ(value_at(with, "/default_generation_settings/speculative"), "true");
  EXPECT_EQ(value_at(with, "/draft_obstacle"), R"("")");
  EXPECT_EQ(value_at(without, "/default_generation_settings/speculative"), "false");
  EXPECT_EQ(value_at(without, "/draft_obstacle"), R"("it cannot")");
}

TEST(ModelFactsJson, SlotsSayWhichAreBusy) {
  const std::string none_drafted = "drafts are off";
  EXPECT_EQ(slots_json(facts, 1, none_drafted), R"([{"id":0,"n_ctx":512,"speculative":false,"is_processing":true},)"
                                                R"({"id":1,"n_ctx":512,"speculative":false,"is_processing":false}])");
  EXPECT_FALSE(slots_json(facts, 0, none_drafted).contains("true"));
  EXPECT_FALSE(slots_json(facts, 7).contains("\"is_processing\":false"));
}

TEST(ModelFactsJson, SlotsSayWhetherTokensAreDrafted) {
  EXPECT_FALSE(slots_json(facts, 0).contains("\"speculative\":false"));
  EXPECT_FALSE(slots_json(facts, 0, "it cannot").contains("\"speculative\":true"));
}

}  // namespace
}  // namespace fovea::serve
