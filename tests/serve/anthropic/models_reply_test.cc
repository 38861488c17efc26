#include "serve/anthropic/models_reply.h"

#include <gtest/gtest.h>

namespace fovea::serve::anthropic {
namespace {

constexpr std::string_view model =
    R"({"type":"model","id":"tiny","display_name":"tiny","created_at":"2023-11-14T22:13:20Z"})";

TEST(AnthropicModelsReply, HasAnthropicsFields) {
  EXPECT_EQ(model_json({"tiny", 1'700'000'000}), model);
  EXPECT_EQ(models_json({"tiny", 1'700'000'000}),
            R"({"data":[)" + std::string(model) + R"(],"has_more":false,"first_id":"tiny","last_id":"tiny"})");
}

}  // namespace
}  // namespace fovea::serve::anthropic
