#include "serve/model/models_reply.h"

#include <gtest/gtest.h>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const ServedModel tiny{"tiny",
                       1'700'000'000,
                       {.context_tokens = 512,
                        .vocabulary = 300,
                        .trained_tokens = 1024,
                        .width = 64,
                        .parameters = 1000,
                        .bytes = 2000,
                        .description = "tiny 1K"}};

TEST(ModelsReply, HasOpenAisFields) {
  const std::string json = model_json(tiny);
  EXPECT_EQ(value_at(json, "/id"), R"("tiny")");
  EXPECT_EQ(value_at(json, "/object"), R"("model")");
  EXPECT_EQ(value_at(json, "/created"), "1700000000");
  EXPECT_EQ(value_at(json, "/owned_by"), R"("fovea")");
  EXPECT_EQ(value_at(models_json(tiny), "/object"), R"("list")");
  EXPECT_EQ(value_at(models_json(tiny), "/data/0"), json);
}

TEST(ModelsReply, HasWhatOtherServersTellOfAModel) {
  EXPECT_EQ(value_at(model_json(tiny), "/meta"),
            R"({"n_vocab":300,"n_ctx":512,"n_ctx_train":1024,"n_embd":64,"n_params":1000,"size":2000})");
  EXPECT_EQ(value_at(model_json(tiny), "/max_model_len"), "512");
  EXPECT_EQ(value_at(models_json(tiny), "/models/0"),
            R"({"name":"tiny","model":"tiny","description":"tiny 1K","capabilities":["completion","multimodal"]})");
}

}  // namespace
}  // namespace fovea::serve
