#include "serve/asking/request_refusal.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/llama/grammar/json_grammar.h"
#include "engine/llama/grammar/tool_grammar.h"

namespace fovea::serve {
namespace {

std::string param(const Error& error, const Request& request) {
  return request_refusal(error, request, "response_format").param;
}

TEST(RequestRefusal, NamesThePicture) {
  Request request;
  for (const char* name : {"messages[0].content[1].image_url", "messages[0].content[11].image_url"})
    request.sources.push_back({.bytes = {}, .name = name, .clip = {}});
  const Error error{Fault::invalid, "messages[0].content[11].image_url: it is no picture", {}};
  EXPECT_EQ(param(error, request), "messages[0].content[11].image_url");
  EXPECT_EQ(request_refusal(error, request, {}).code, "invalid_value");
  EXPECT_EQ(param({Fault::timed_out, "not answered within 5 ms", {}}, request), "");
}

// In the words in which schemas are refused.
TEST(RequestRefusal, NamesWhatHasTheSchema) {
  Request request;
  request.options.json_schema = R"({"type":"text"})";
  const auto schema = llama::json_grammar(*request.options.json_schema);
  ASSERT_FALSE(schema);
  EXPECT_EQ(param(schema.error(), request), "response_format");
  request.options.tools.tools = {{.name = "find", .parameters = R"({"type":"text"})"}};
  const auto tools = llama::tool_grammar(ToolFormat::hermes, request.options.tools, {});
  ASSERT_FALSE(tools);
  EXPECT_EQ(param(tools.error(), request), "tools");
}

// In the words in which the tools themselves are refused.
TEST(RequestRefusal, NamesTheTools) {
  const auto field = [](ToolUse use) {
    const auto refused = llama::tool_grammar(ToolFormat::hermes, use, {});
    EXPECT_FALSE(refused);
    if (refused) return std::string();
    Request request;
    request.options.tools = std::move(use);
    return param(refused.error(), request);
  };
  EXPECT_EQ(field({.tools = std::vector<Tool>(200, {.name = "find"})}), "tools");
  EXPECT_EQ(field({.tools = {{.name = "a b"}}}), "tools");
  EXPECT_EQ(field({.tools = {{.name = "find"}, {.name = "find"}}}), "tools");
  EXPECT_EQ(field({.tools = {{.name = "find", .parameters = "{"}}}), "tools");
  EXPECT_EQ(field({.tools = {{.name = "find"}}, .choice = ToolChoice::required, .named = "look"}), "tool_choice");
}

}  // namespace
}  // namespace fovea::serve
