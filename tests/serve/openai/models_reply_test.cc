#include "serve/openai/models_reply.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

constexpr std::string_view model = R"({"id":"tiny","object":"model","created":1700000000,"owned_by":"fovea"})";

TEST(ModelsReply, HasOpenAisFields) {
  EXPECT_EQ(model_json({"tiny", 1'700'000'000}), model);
  EXPECT_EQ(models_json({"tiny", 1'700'000'000}), R"({"object":"list","data":[)" + std::string(model) + "]}");
}

}  // namespace
}  // namespace fovea::serve
