#include "audit/log/vllm_log.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::as;
using test::only_request;
using test::reading;

const LogOptions vllm = as(LogFormat::vllm);

std::string received(const std::string& prompt, const std::string& time = "07-13 05:27:44") {
  return "INFO " + time + " [logger.py:43] Received request chatcmpl-1: prompt: " + prompt +
         ", params: SamplingParams(n=1, temperature=0.0, seed=None, stop=[')'], max_tokens=64), "
         "prompt_token_ids: [1, 2, 3], lora_request: None.\n";
}

std::uint64_t hash_of(const std::string& text) {
  AuditedRequest request;
  add_text(text, {}, request);
  return request.parts.front().hash;
}

TEST(VllmLog, HasPromptsAsPythonWritesThem) {
  EXPECT_EQ(only_request(received("'Hello'"), vllm).parts[0].hash, hash_of("Hello"));
  EXPECT_EQ(only_request(received("\"it's\""), vllm).parts[0].hash, hash_of("it's"));
  EXPECT_EQ(only_request(received(R"('a\nb\t\'\\ \x41\u00e9\U0001f600')"), vllm).parts[0].hash,
            hash_of("a\nb\t'\\ Aé😀"));
}

TEST(VllmLog, TellsSettingsAndTokens) {
  const AuditedRequest request = only_request(received("'Hello'"), vllm);
  EXPECT_EQ(request.prompt_tokens, 3u);
  EXPECT_TRUE(request.deterministic);
  EXPECT_TRUE(request.pictures.empty());
  EXPECT_NE(request.settings_hash, 0u);
  std::string warmer = received("'Hello'");
  warmer.replace(warmer.find("temperature=0.0"), 15, "temperature=0.7");
  const AuditedRequest other = only_request(warmer, vllm);
  EXPECT_FALSE(other.deterministic);
  EXPECT_NE(other.settings_hash, request.settings_hash);
}

TEST(VllmLog, JoinsThePromptAndTheParametersOfNewerServers) {
  const std::string log =
      "(APIServer pid=7) DEBUG 11-30 05:00:00 [logger.py:40] Request cmpl-9 details: prompt: 'Hi', prompt_token_ids: "
      "[5], "
      "prompt_embeds shape: None.\n"
      "(APIServer pid=7) INFO 11-30 05:00:00 [logger.py:52] Received request cmpl-9: params: SamplingParams(n=1, "
      "temperature=1.0, seed=7), lora_request: None.\n";
  const AuditedRequest request = only_request(log, vllm);
  EXPECT_EQ(request.parts[0].hash, hash_of("Hi"));
  EXPECT_EQ(request.prompt_tokens, 1u);
  EXPECT_TRUE(request.deterministic) << "it has a seed";
}

TEST(VllmLog, SaysThatPromptsAreNotLogged) {
  const auto read =
      reading("INFO 11-30 05:00:00 Received request 1: params: SamplingParams(n=1), lora_request: None.\n", vllm);
  ASSERT_FALSE(read.summary);
  EXPECT_TRUE(read.summary.error().message.contains("VLLM_LOGGING_LEVEL=DEBUG"));
}

TEST(VllmLog, RefusesACutLine) {
  const auto read = reading(received("'Hello'") + "INFO 07-13 05:27:45 Received request 2: prompt: 'Hel\n", vllm);
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 1u);
  EXPECT_EQ(read.summary->first_bad, "log:2: the prompt has no closing quote: is the line cut off?");
}

TEST(VllmLog, CountsTimesOnIntoTheNextYear) {
  const auto read = reading(received("'a'", "12-31 23:59:59") + received("'b'", "01-01 00:00:01"), vllm);
  ASSERT_EQ(read.requests.size(), 2u);
  EXPECT_EQ(*read.requests[1].time_ms - *read.requests[0].time_ms, 2000);
}

}  // namespace
}  // namespace fovea
