#include "serve/relay/relayed_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;
using test::value_at;

constexpr std::string_view picture_data = "data:image/gif;base64,R0lGODlh";  // "GIF89a"

std::string request_of(const std::string& content, const std::string& fields = "") {
  return R"({"model":"m",)" + fields + R"("messages":[{"role":"user","content":)" + content + "}]}";
}

std::string with(const std::string& fields) { return request_of(R"("What is it?")", fields + ","); }

Parsed<RelayedRequest> relayed(const std::string& json, const RequestRules& rules = {}) {
  return read_relayed_request(RelayedApi::chat, body_of(json), rules);
}

RelayedRequest relayed_by(RelayedApi api, const std::string& json) {
  return read_relayed_request(api, body_of(json), {}).value();
}

std::string question(const std::string& json) { return relayed(json).value().question; }

std::string image(const std::string& fields, const std::string& beside = "") {
  return R"({"type":"image_url","image_url":{)" + fields + "}" + beside + "}";
}

std::string picture(const std::string& beside_url = "", const std::string& beside = "") {
  return image(R"("url":")" + std::string(picture_data) + '"' + beside_url, beside);
}

TEST(RelayedRequest, ReadsWhatARelayMustKnow) {
  const auto plain = relayed(request_of(R"("What is it?")"));
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->stream);
  EXPECT_FALSE(plain->include_usage);
  EXPECT_FALSE(plain->deterministic);
  const auto streamed = relayed(with(R"("stream":true,"stream_options":{"include_usage":true})"));
  ASSERT_TRUE(streamed);
  EXPECT_TRUE(streamed->stream);
  EXPECT_TRUE(streamed->include_usage);
}

TEST(RelayedRequest, KnowsWhichQuestionsHaveOneAnswer) {
  EXPECT_TRUE(relayed(with(R"("temperature":0)"))->deterministic);
  EXPECT_TRUE(relayed(with(R"("temperature":0.0)"))->deterministic);
  EXPECT_TRUE(relayed(with(R"("temperature":1,"seed":7)"))->deterministic);
  EXPECT_FALSE(relayed(with(R"("temperature":0.1)"))->deterministic);
  EXPECT_FALSE(relayed(with(R"("temperature":null,"seed":null)"))->deterministic);
  EXPECT_FALSE(relayed(with(R"("temperature":"0")"))->deterministic);
  EXPECT_TRUE(relayed(with(R"("seed":0)"))->deterministic);
  EXPECT_TRUE(relayed(with(R"("temperature":0,"mirostat":0,"t_max_predict_ms":-1)"))->deterministic);
  for (const char* fields : {R"("seed":-1)", R"("seed":4294967295)", R"("seed":"7")", R"("temperature":0,"mirostat":2)",
                             R"("temperature":0,"t_max_predict_ms":100)", R"("seed":7,"t_max_predict_ms":100)"})
    EXPECT_FALSE(relayed(with(fields))->deterministic) << fields;
}

TEST(RelayedRequest, AsksTheSameWhoeverAsksAndHoweverItIsDelivered) {
  const std::string plain = question(request_of(R"("What is it?")"));
  for (const char* fields :
       {R"("stream":true)", R"("stream":true,"stream_options":{"include_usage":true})", R"("user":"u")",
        R"("prompt_cache_key":"k")", R"("metadata":{"a":"b"})", R"("safety_identifier":"s")", R"("store":true)"})
    EXPECT_EQ(question(with(fields)), plain) << fields;
}

TEST(RelayedRequest, AsksTheSameHoweverItIsSpaced) {
  EXPECT_EQ(question("{ \"model\" :\"m\",\n\"messages\":[ {\"role\":\"user\", \"content\":\"What is it?\"} ] }"),
            question(request_of(R"("What is it?")")));
}

TEST(RelayedRequest, AsksAnotherQuestionForEveryOtherField) {
  const std::string plain = question(request_of(R"("What is it?")"));
  for (const char* fields : {R"("temperature":0)", R"("seed":1)", R"("n":2)", R"("tools":[])", R"("brand_new":1)",
                             R"("cache_salt":"s")", R"("logprobs":true)", R"("max_tokens":5)", R"("brand_new":null)"})
    EXPECT_NE(question(with(fields)), plain) << fields;
  EXPECT_NE(question(with(R"("brand_new":1)")), question(with(R"("brand_new":2)")));
  EXPECT_NE(question(request_of(R"("What is this?")")), plain);
}

TEST(RelayedRequest, TakesPicturesOutOfTheQuestion) {
  const auto request = relayed(request_of("[" + picture() + R"(,{"type":"text","text":"and"},)" +
                                          image(R"("url":"https://example.com/b.png")") +
                                          R"(,{"type":"file","file":{"file_id":"file-3"}}])"));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->images.size(), 3U);
  EXPECT_EQ(std::get<Blob>(request->images[0].from).text(), "GIF89a");
  EXPECT_EQ(std::get<ImageUrl>(request->images[1].from).url, "https://example.com/b.png");
  EXPECT_EQ(std::get<ImageFileId>(request->images[2].from).id, "file-3");
  EXPECT_EQ(request->images[1].where, "messages[0].content[2].image_url.url");
  for (const char* gone : {"R0lGODlh", "example.com", "file-3"})
    EXPECT_EQ(request->question.find(gone), std::string::npos) << gone;
}

// A picture is what its bytes are; they are named beside the question.
TEST(RelayedRequest, AsksTheSameHoweverAPictureIsSent) {
  const std::string sent = question(request_of("[" + picture() + "]"));
  EXPECT_EQ(question(request_of("[" + image(R"("url":"https://example.com/b.png")") + "]")), sent);
  EXPECT_EQ(question(request_of(R"([{"type":"file","file":{"file_id":"file-3"}}])")), sent);
}

TEST(RelayedRequest, AsksAnotherQuestionForWhatStandsBesideAPicture) {
  const std::string plain = question(request_of("[" + picture() + "]"));
  const std::string low = question(request_of("[" + picture(R"(,"detail":"low")") + "]"));
  EXPECT_NE(low, plain);
  EXPECT_NE(low, question(request_of("[" + picture(R"(,"detail":"high")") + "]")));
  EXPECT_NE(question(request_of("[" + picture(R"(,"max_pixels":100)") + "]")), plain);
  EXPECT_NE(question(request_of("[" + picture("", R"(,"min_pixels":100)") + "]")), plain);
}

TEST(RelayedRequest, TellsPicturesFromTheirPlaces) {
  const std::string text = R"({"type":"text","text":"a"})";
  EXPECT_NE(question(request_of("[" + picture() + "," + text + "]")),
            question(request_of("[" + text + "," + picture() + "]")));
}

// What stands for a picture is no JSON, so no client can write it.
TEST(RelayedRequest, CannotBeToldThatThereIsAPicture) {
  const std::string asked = question(request_of("[" + picture() + "]"));
  EXPECT_TRUE(asked.contains(R"("content":[image(0,{},{})])")) << asked;
  EXPECT_FALSE(parse_json(asked));
}

TEST(RelayedRequest, LeavesToTheServerWhatIsNoPicture) {
  for (const char* content :
       {"null", "1", R"([{"type":"input_audio","input_audio":{}}])", R"([{"type":"file","file":{"file_data":"x"}}])",
        R"([{"type":7}])", "[{}]", R"([{"type":"image","source":"elsewhere"}])"})
    EXPECT_TRUE(relayed(request_of(content))) << content;
  EXPECT_TRUE(relayed(R"({"messages":[{"role":"tool","tool_call_id":"t","content":"5"},{}]})"));
}

TEST(RelayedRequest, RefusesWhatCannotBeRead) {
  EXPECT_EQ(outcome(relayed("{}")), "missing_required_parameter messages");
  EXPECT_EQ(outcome(relayed(R"({"messages":"a"})")), "invalid_type messages");
  EXPECT_EQ(outcome(relayed(R"({"messages":["a"]})")), "invalid_type messages[0]");
  EXPECT_EQ(outcome(relayed(request_of(R"(["a"])"))), "invalid_type messages[0].content[0]");
  EXPECT_EQ(outcome(relayed(with(R"("stream":1)"))), "invalid_type stream");
  EXPECT_EQ(outcome(relayed(request_of("[" + image(R"("url":"data:;base64,!")") + "]"))),
            "invalid_value messages[0].content[0].image_url.url");
  EXPECT_EQ(outcome(relayed(request_of("[" + picture() + "," + picture() + "]"), {.images_max = 1})),
            "too_many_images messages[0].content[1].image_url.url");
}

// Pictures that tools show are in the results of tools.
TEST(RelayedRequest, FindsPicturesInTheResultsOfTools) {
  const auto chat =
      relayed_by(RelayedApi::chat, R"({"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function",)"
                                   R"("function":{"name":"look","arguments":"{\"x\":1}"}}]},)"
                                   R"({"role":"tool","tool_call_id":"c","content":[)" +
                                       picture() + "]}]}");
  ASSERT_EQ(chat.images.size(), 1U);
  EXPECT_EQ(chat.images[0].where, "messages[1].content[0].image_url.url");
  EXPECT_TRUE(chat.question.contains(R"("arguments":"{\"x\":1}")")) << chat.question;

  const auto responses =
      relayed_by(RelayedApi::responses,
                 R"({"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_image",)"
                 R"("image_url":")" +
                     std::string(picture_data) + R"("},{"type":"input_image","file_id":"file-1"}]}]})");
  ASSERT_EQ(responses.images.size(), 2U);
  EXPECT_EQ(responses.images[0].where, "input[0].output[0].image_url");
  EXPECT_EQ(std::get<ImageFileId>(responses.images[1].from).id, "file-1");

  const auto messages =
      relayed_by(RelayedApi::messages,
                 R"({"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)"
                 R"({"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"}}]}]}]})");
  ASSERT_EQ(messages.images.size(), 1U);
  EXPECT_EQ(messages.images[0].where, "messages[0].content[0].content[0].source.data");
  EXPECT_EQ(std::get<Blob>(messages.images[0].from).text(), "GIF89a");
}

TEST(RelayedRequest, AsksAnotherQuestionForOtherToolsAndCalls) {
  const auto asked = [](const std::string& name, const std::string& result) {
    return question(R"({"tools":[{"type":"function","function":{"name":")" + name +
                    R"("}}],"messages":[{"role":"tool","tool_call_id":"c","content":")" + result + R"("}]})");
  };
  EXPECT_NE(asked("look", "1"), asked("find", "1"));
  EXPECT_NE(asked("look", "1"), asked("look", "2"));
}

TEST(RelayedRequest, AsksTheSameWhateverTheIdsOfCallsAre) {
  const auto chat = [](const std::string& a, const std::string& b, const std::string& of_result) {
    const std::string call = R"("type":"function","function":{"name":"look","arguments":"{}"}})";
    return question(R"({"messages":[{"role":"assistant","tool_calls":[{"id":")" + a + R"(",)" + call + R"(,{"id":")" +
                    b + R"(",)" + call + R"(]},{"role":"tool","tool_call_id":")" + of_result + R"(","content":"7"}]})");
  };
  EXPECT_EQ(chat("a", "b", "a"), chat("c1", "c2", "c1"));
  EXPECT_NE(chat("a", "b", "a"), chat("a", "b", "b")) << "which call is answered";
  const auto messages = [](const std::string& id) {
    return relayed_by(RelayedApi::messages, R"({"messages":[{"role":"assistant","content":[{"type":"tool_use","id":")" +
                                                id +
                                                R"(","name":"look","input":{"id":"x"}}]},{"role":"user","content":)" +
                                                R"([{"type":"tool_result","tool_use_id":")" + id + R"("}]}]})")
        .question;
  };
  EXPECT_EQ(messages("toolu_1"), messages("toolu_2"));
  EXPECT_TRUE(messages("toolu_1").contains(R"({"id":"x"})"));
  const auto responses = [](const std::string& id) {
    return relayed_by(RelayedApi::responses,
                      R"({"input":[{"type":"function_call","call_id":")" + id +
                          R"(","name":"look","arguments":"{}"},{"type":"function_call_output","call_id":")" + id +
                          R"(","output":"7"}]})")
        .question;
  };
  EXPECT_EQ(responses("c1"), responses("c2"));
  EXPECT_NE(question(R"({"messages":[{"role":"user","id":"a"}]})"),
            question(R"({"messages":[{"role":"user","id":"b"}]})"));
}

TEST(RelayedRequest, IdsOutsideTheConversationAreNone) {
  const auto asked = [](const std::string& id) {
    return question(R"({"tools":[{"type":"function","function":{"name":"look","parameters":{"examples":[{"call_id":")" +
                    id + R"("}]}}}],"chat_template_kwargs":{"tool_call_id":")" + id + R"("},"messages":[]})");
  };
  EXPECT_NE(asked("a"), asked("b"));
}

TEST(RelayedRequest, ASchemaThatLooksLikeAPictureIsNone) {
  const auto request = relayed_by(
      RelayedApi::chat, R"({"tools":[{"type":"image_url"},{"parameters":{"type":"input_image"}}],"messages":[]})");
  EXPECT_TRUE(request.images.empty());
}

TEST(RelayedRequest, ArgumentsOfACallThatLookLikeAPictureAreNone) {
  const std::string look = R"({"type":"image_url","image_url":{"url":"not an address"}})";
  const auto messages = relayed_by(RelayedApi::messages, R"({"messages":[{"role":"assistant","content":[)"
                                                         R"({"type":"tool_use","id":"t","name":"draw","input":)" +
                                                             look + "}]}]}");
  EXPECT_TRUE(messages.images.empty());
  EXPECT_FALSE(messages.stateful);
  const auto chat = relayed_by(RelayedApi::chat, R"({"messages":[{"role":"assistant","tool_calls":[{"id":"c",)"
                                                 R"("function":{"name":"draw","arguments":)" +
                                                     look + "}}]}]}");
  EXPECT_TRUE(chat.images.empty());
  EXPECT_FALSE(chat.stateful);
}

TEST(RelayedRequest, AStreamOfAnotherApiIsAnotherAnswer) {
  for (const RelayedApi api : {RelayedApi::completions, RelayedApi::responses, RelayedApi::messages}) {
    const auto whole = relayed_by(api, R"({"messages":[],"input":"a","prompt":"a"})");
    const auto streamed = relayed_by(api, R"({"messages":[],"input":"a","prompt":"a","stream":true})");
    EXPECT_NE(whole.question, streamed.question);
    EXPECT_TRUE(streamed.stream);
  }
}

TEST(RelayedRequest, WhatTheOtherServerKeepsOrLooksUpIsNotKeptHere) {
  const auto stateful = [](RelayedApi api, const std::string& fields) {
    return relayed_by(api, R"({"messages":[],"input":"a",)" + fields + "}").stateful;
  };
  for (const char* fields : {R"("store":true)", R"("previous_response_id":"resp_1")", R"("conversation":"c")",
                             R"("background":true)", R"("tools":[{"type":"web_search"}])", R"("prompt":{"id":"p"})"})
    EXPECT_TRUE(stateful(RelayedApi::responses, fields)) << fields;
  for (const char* fields :
       {R"("store":false)", R"("previous_response_id":null)", R"("tools":[{"type":"function","name":"f"}])"})
    EXPECT_FALSE(stateful(RelayedApi::responses, fields)) << fields;
  EXPECT_TRUE(stateful(RelayedApi::messages, R"("tools":[{"type":"web_search_20250305","name":"web_search"}])"));
  EXPECT_FALSE(
      stateful(RelayedApi::messages, R"("tools":[{"name":"look","input_schema":{}},{"type":"custom","name":"f"}])"));
  EXPECT_FALSE(stateful(RelayedApi::chat, R"("store":true)"));
}

TEST(RelayedRequest, AVideoElsewhereIsLookedUpByTheOtherServer) {
  const auto stateful = [](const std::string& part) { return relayed(request_of("[" + part + "]")).value().stateful; };
  EXPECT_TRUE(stateful(R"({"type":"video_url","video_url":{"url":"https://example.org/a.mp4"}})"));
  EXPECT_TRUE(stateful(R"({"type":"video","video":["data:image/png;base64,AA","http://example.org/b.png"]})"));
  EXPECT_FALSE(stateful(R"({"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}})"));
  EXPECT_FALSE(stateful(R"({"type":"text","text":"https://example.org/a.mp4"})"));
}

TEST(RelayedRequest, ContentElsewhereIsLookedUpByTheOtherServer) {
  const auto stateful = [](RelayedApi api, const std::string& part) {
    const std::string field = api == RelayedApi::responses ? "input" : "messages";
    return relayed_by(api, "{\"" + field + R"(":[{"role":"user","content":[)" + part + "]}]}").stateful;
  };
  using enum RelayedApi;
  EXPECT_TRUE(stateful(responses, R"({"type":"input_file","file_url":"https://example.org/a.pdf"})"));
  EXPECT_TRUE(stateful(responses, R"({"type":"item_reference","id":"msg_1"})"));
  EXPECT_TRUE(stateful(messages, R"({"type":"document","source":{"type":"url","url":"https://example.org/a.pdf"}})"));
  for (const char* part :
       {R"({"type":"audio_url","audio_url":{"url":"https://example.org/a.wav"}})",
        R"({"image_url":"https://example.org/a.png"})", R"({"image_url":{"url":"https://example.org/a.png"}})",
        R"({"type":"image","image":"https://example.org/a.png"})",
        R"({"type":"video_url","video_url":{"url":"file:///a.mp4"}})",
        R"({"type":"image_url","image_url":{"url":"data:;base64,QUJD"},"mask_url":"file:///m.png"})"})
    EXPECT_TRUE(stateful(chat, part)) << part;
  EXPECT_FALSE(stateful(messages, R"({"type":"document","source":{"type":"base64","data":"QUJD"}})"));
  EXPECT_FALSE(stateful(responses, R"({"type":"output_text","text":"a","annotations":[{"type":"url_citation",)"
                                   R"("url":"https://example.org/"}]})"));
  EXPECT_FALSE(stateful(chat, R"({"type":"audio_url","audio_url":{"url":"data:audio/wav;base64,QUJD"}})"));
  EXPECT_FALSE(stateful(chat, R"({"type":"image_url","image_url":{"url":"data:;base64,QUJD"}})"));
}

TEST(RelayedRequest, ASeedMakesNoMessageDeterministic) {
  EXPECT_FALSE(relayed_by(RelayedApi::messages, R"({"messages":[],"seed":1})").deterministic);
  EXPECT_TRUE(relayed_by(RelayedApi::messages, R"({"messages":[],"temperature":0})").deterministic);
  EXPECT_TRUE(relayed_by(RelayedApi::completions, R"({"prompt":"a","seed":1})").deterministic);
}

TEST(WithPicturesInside, SendsFilesAsTheirBytesAndEverythingElseAsItCame) {
  const std::string text = R"({"type":"text","text":"a \"b\" \u0001 é"})";
  const std::string json =
      request_of("[" + text + R"(,{"type":"file","file":{"file_id":"f","detail":"low"}},)" + picture() + "]",
                 R"("user":"u","stream":true,"brand_new":[1,{"x":0.1}],"seed":null,)");
  const std::string sent =
      with_inline_images(RelayedApi::chat, body_of(json), {Blob::copy_of("GIF89a"), Blob::copy_of("GIF89a")});
  const std::string inside = R"({"url":"data:image/gif;base64,R0lGODlh"})";
  EXPECT_EQ(value_at(sent, "/messages/0/content/1/type"), R"("image_url")");
  EXPECT_EQ(value_at(sent, "/messages/0/content/1/image_url/url"), '"' + std::string(picture_data) + '"');
  EXPECT_EQ(value_at(sent, "/messages/0/content/1/image_url/detail"), R"("low")");
  EXPECT_EQ(value_at(sent, "/messages/0/content/2/image_url"), inside);
  EXPECT_EQ(value_at(sent, "/messages/0/content/0"), value_at("{\"a\":" + text + "}", "/a"));
  for (const char* field : {"/model", "/user", "/stream", "/brand_new", "/seed", "/messages/0/role"})
    EXPECT_EQ(value_at(sent, field), value_at(json, field)) << field;
}

TEST(WithPicturesInside, KeepsWhatStandsBesideAPicture) {
  const std::string json = request_of("[" + picture(R"(,"max_pixels":100)", R"(,"min_pixels":7)") + "]");
  const std::string sent = with_inline_images(RelayedApi::chat, body_of(json), {Blob::copy_of("GIF89a")});
  EXPECT_EQ(value_at(sent, "/messages/0/content/0/image_url/max_pixels"), "100");
  EXPECT_EQ(value_at(sent, "/messages/0/content/0/min_pixels"), "7");
}

TEST(WithPicturesInside, AsksTheSameQuestionAgain) {
  const std::string json = request_of("[" + picture(R"(,"detail":"low")") + R"(,{"type":"text","text":"a"}])");
  const std::string sent = with_inline_images(RelayedApi::chat, body_of(json), {Blob::copy_of("GIF89a")});
  EXPECT_EQ(question(sent), question(json));
}

}  // namespace
}  // namespace fovea::serve
