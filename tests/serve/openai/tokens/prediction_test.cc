#include "serve/openai/tokens/prediction.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

Parsed<std::string> read(std::string_view body) { return read_prediction(parse_json(body).value()); }

TEST(Prediction, IsATextOrAListOfTexts) {
  EXPECT_EQ(read(R"({})").value(), "");
  EXPECT_EQ(read(R"({"prediction": null})").value(), "");
  EXPECT_EQ(read(R"({"prediction": {"type": "content", "content": "A cat."}})").value(), "A cat.");
  EXPECT_EQ(read(R"({"prediction": {"type": "content", "content": [{"type": "text", "text": "A "},
                                                                   {"type": "text", "text": "cat."}]}})")
                .value(),
            "A cat.");
}

TEST(Prediction, AnyOtherShapeIsRefusedByItsField) {
  const auto param = [](std::string_view body) {
    const auto read_it = read(body);
    return read_it ? std::string("nothing") : read_it.error().param;
  };
  EXPECT_EQ(param(R"({"prediction": "A cat."})"), "prediction");
  EXPECT_EQ(param(R"({"prediction": {"content": "A cat."}})"), "prediction.type");
  EXPECT_EQ(param(R"({"prediction": {"type": "content"}})"), "prediction.content");
  EXPECT_EQ(param(R"({"prediction": {"type": "content", "content": 5}})"), "prediction.content");
  EXPECT_EQ(param(R"({"prediction": {"type": "content", "content": [{"type": "image_url"}]}})"),
            "prediction.content[0].type");
  EXPECT_EQ(param(R"({"prediction": {"type": "content", "content": [{"type": "text"}]}})"),
            "prediction.content[0].text");
}

}  // namespace
}  // namespace fovea::serve
