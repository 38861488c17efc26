#include "app/output/audit/audit_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>
#include <string>
#include <vector>

#include "audit/report/example_findings.h"

namespace fovea::app {
namespace {

using Json = glz::generic;

double number(const Json& object, const std::string& name) { return object[name].get<double>(); }

TEST(AuditJson, SaysWhatTheFindingsSay) {
  AuditFindings findings = test::example_findings();
  findings.reuse.by_client[0].name = "web\x1b[2J";
  findings.savings.levels[1].lookups = {10, 20, 30};
  findings.savings.levels[1].hits = {1, 2, 3};
  const std::vector<LogSummary> logs = {
      {.format = LogFormat::litellm, .bytes = 9000, .requests = 1200, .bad_entries = 2, .first_bad = "a:7: no JSON"}};
  const std::string json = audit_json(findings, logs);
  EXPECT_EQ(json.find('\n'), json.size() - 1) << "one line";
  Json document;
  ASSERT_FALSE(glz::read_json(document, json)) << json;
  EXPECT_EQ(document["answer"][0].get<std::string>(), "40 % of the work in this log was done before.");
  EXPECT_EQ(document["logs"][0]["format"].get<std::string>(), "litellm");
  EXPECT_EQ(number(document["logs"][0], "bad_entries"), 2);
  EXPECT_EQ(number(document["traffic"], "requests"), 1200);
  EXPECT_EQ(number(document["traffic"], "provider_cached_tokens"), 500'000);
  EXPECT_EQ(number(document["reuse"]["pictures"], "other_file"), 100);
  EXPECT_EQ(number(document["reuse"]["prefixes"], "tokens_known"), 1e6);
  EXPECT_EQ(number(document["reuse"]["questions"], "repeats_stored"), 90);
  EXPECT_EQ(document["reuse"]["by_client"][0]["name"].get<std::string>(), "web [2J");
  const Json& savings = document["savings"];
  EXPECT_EQ(savings["machine"].get<std::string>(), "NVIDIA L4");
  const Json& all = savings["levels"][1];
  EXPECT_FALSE(all.contains("memory_bytes")) << "without a bound";
  EXPECT_EQ(number(all, "saved_share"), 0.4);
  EXPECT_EQ(number(all["embeddings"], "lookups"), 10);
  EXPECT_EQ(number(all["prefixes"], "hits"), 2);
  EXPECT_EQ(number(all["responses"], "hits"), 3);
  EXPECT_EQ(number(all, "machine_money"), 8);
  EXPECT_FALSE(all.contains("token_money"));
  EXPECT_EQ(number(savings["sizes"][0], "memory_bytes"), 1 << 30);
  EXPECT_EQ(document["spoilers"][0]["kind"].get<std::string>(), "changing_time");
  EXPECT_EQ(document["spoilers"][1]["kind"].get<std::string>(), "similar_picture");
  EXPECT_FALSE(document["spoilers"][1]["sure"].get<bool>());
}

}  // namespace
}  // namespace fovea::app
