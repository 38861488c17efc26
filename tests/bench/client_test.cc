#include "bench/client.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// Gives the answer that a test sets, and keeps the last request.
class Scripted final : public Target {
 public:
  const std::string& name() const override { return name_; }
  std::string about() const override { return "a script"; }
  Result<Measured> ask(const Request& request, const std::stop_token&) override {
    last = request;
    return next;
  }
  Result<void> restart() override { return {}; }

  Result<Measured> next = Measured{.text = "yes", .first_ms = 1, .total_ms = 2};
  Request last;

 private:
  const std::string name_ = "scripted";
};

class ClientTest : public testing::Test {
 protected:
  ClientTest()
      : pictures(PictureSet::open({.kind = PictureKind::scene, .width = 16, .height = 16}).value()),
        client(target, scenario, pictures) {}

  BenchRecord ask(const ScriptRequest& request, const Client* said = nullptr) {
    auto record = client.ask(request, said != nullptr ? *said : client, {});
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(BenchRecord{});
  }
  static ScriptRequest turn(std::uint32_t number, std::vector<ScriptPart> parts) {
    return {.kind = RequestKind::known, .conversation = 1, .turn = number, .parts = std::move(parts)};
  }
  // The roles of the request's messages.
  std::string roles() const {
    std::string all;
    for (const Message& message : target.last.messages) all += message.role[0];
    return all;
  }

  Scenario scenario;
  PictureSet pictures;
  Scripted target;
  Client client;
};

TEST_F(ClientTest, ARecordHasWhatTheTargetMeasured) {
  target.next = Measured{.text = "two",
                         .first_ms = 1.00049,
                         .total_ms = 2.0006,
                         .prompt_tokens = 70,
                         .answer_tokens = 3,
                         .cached_tokens = 5,
                         .levels = {{"response", "miss"}},
                         .stages = {{"encode", 0.1234567}},
                         .saved_ms = 4};
  const BenchRecord record = ask(turn(0, {PictureName{1, 0}, "How many?"}));
  EXPECT_EQ(record.target, "scripted");
  EXPECT_EQ(record.kind, "known");
  EXPECT_EQ(record.pictures, 1u);
  EXPECT_EQ(record.first_ms, 1.0) << "to a microsecond";
  EXPECT_EQ(record.total_ms, 2.001);
  EXPECT_EQ(record.prompt_tokens, 70);
  EXPECT_EQ(record.answer_tokens, 3);
  EXPECT_EQ(record.cached_tokens, 5);
  EXPECT_EQ(record.levels.at("response"), "miss");
  EXPECT_EQ(record.stages.at("encode"), 0.123);
  EXPECT_EQ(record.saved_ms, 4);
  EXPECT_EQ(record.error, "");
}

TEST_F(ClientTest, EqualAnswersHaveEqualHashes) {
  const ScriptRequest request = turn(0, {"Is it?"});
  const std::string yes = ask(request).answer;
  EXPECT_EQ(yes.size(), 16u);
  EXPECT_EQ(ask(request).answer, yes);
  target.next->text = "no";
  EXPECT_NE(ask(request).answer, yes);
}

TEST_F(ClientTest, AFailureIsARecordThatSaysWhy) {
  target.next = fail(Fault::unavailable, "gone");
  const BenchRecord record = ask(turn(0, {"Is it?"}));
  EXPECT_EQ(record.error, "gone");
  EXPECT_EQ(record.target, "scripted");
  EXPECT_EQ(record.answer, "");
}

TEST_F(ClientTest, TheRequestIsThatOfTheScriptInItsOrder) {
  scenario.system = "Be brief.";
  scenario.max_tokens = 7;
  ask(turn(0, {"Page 1:", PictureName{1, 0}, "Page 2:", PictureName{2, 0}, "Which?"}));
  EXPECT_EQ(roles(), "su");
  EXPECT_EQ(target.last.options.max_tokens, 7);
  ASSERT_EQ(target.last.sources.size(), 2u);
  EXPECT_NE(target.last.sources[0].bytes.text(), target.last.sources[1].bytes.text());
  const auto& parts = target.last.messages[1].parts;
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(std::get<ImageSlot>(parts[1]).index, 0u);
  EXPECT_EQ(std::get<ImageSlot>(parts[3]).index, 1u);
}

TEST_F(ClientTest, ATurnOfAChatCarriesThoseBeforeItOnceTheyAreRemembered) {
  scenario.prompt = "chat";
  const ScriptRequest first = turn(0, {PictureName{1, 0}, "What?"}), second = turn(1, {"Why?"});
  ask(first);
  ask(second);
  EXPECT_EQ(roles(), "u") << "the first is not remembered yet";
  ask(first);
  client.remember(first);
  ask(second);
  EXPECT_EQ(roles(), "uau");
  EXPECT_EQ(target.last.sources.size(), 1u) << "with its picture";
  client.remember(second);
  ask(turn(2, {"When?"}));
  EXPECT_EQ(roles(), "uauau");
  client.purge();
  ask(turn(3, {"Where?"}));
  EXPECT_EQ(roles(), "u");
}

TEST_F(ClientTest, AFailedTurnIsNotRemembered) {
  scenario.prompt = "chat";
  const ScriptRequest first = turn(0, {"What?"});
  target.next = fail(Fault::unavailable, "gone");
  ask(first);
  client.remember(first);
  target.next = Measured{.text = "yes", .total_ms = 1};
  ask(turn(1, {"Why?"}));
  EXPECT_EQ(roles(), "u");
}

TEST_F(ClientTest, QuestionsCarryNothing) {
  const ScriptRequest first = turn(0, {"What?"});
  ask(first);
  client.remember(first);
  ask(turn(1, {"Why?"}));
  EXPECT_EQ(roles(), "u");
}

TEST_F(ClientTest, AConversationMayBeTakenFromAnotherClient) {
  scenario.prompt = "chat";
  Scripted sampled_target;
  Client sampled(sampled_target, scenario, pictures);
  const ScriptRequest first = turn(0, {"What?"});
  ask(first);
  client.remember(first);
  ASSERT_TRUE(sampled.ask(turn(1, {"Why?"}), client, {}));
  EXPECT_EQ(sampled_target.last.messages.size(), 3u);
}

TEST_F(ClientTest, APictureThatCannotBeMadeIsAFault) {
  const auto record = client.ask(turn(0, {PictureName{1, 1}, "What?"}), client, {});
  ASSERT_FALSE(record) << "a scene has one step only";
  EXPECT_EQ(record.error().fault, Fault::invalid);
}

}  // namespace
}  // namespace fovea
