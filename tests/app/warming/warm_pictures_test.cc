#include "app/warming/warm_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/scratch_folder.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string samples = FOVEA_SOURCE_DIR "/samples/";

class WarmPicturesTest : public testing::Test {
 protected:
  // The scripted engine is done at once, so what it makes is worth no disk: its time is given.
  void SetUp() override {
    engine.before_encode = [] {
      std::this_thread::sleep_for(5ms);
      return Result<void>();
    };
    open();
  }

  void open() {
    pipeline.reset();
    tiers.clear();
    auto tier = RocksdbTier::open({.folder = folder->path(), .bytes_max = std::uint64_t{64} << 20});
    ASSERT_TRUE(tier) << tier.error().message;
    tiers.push_back(std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{}));
    pipeline = std::make_unique<Pipeline>(engine, PipelineOptions{.tiers = &tiers});
  }

  WarmCounts warm(const std::vector<std::string>& files, const WarmOptions& options = {.workers = 3}) {
    return warm_pictures(*pipeline, tiers, files, options, stop.get_token(), {});
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  test::ScriptedEngine engine;
  Tiers tiers;
  std::unique_ptr<Pipeline> pipeline;
  std::stop_source stop;
};

TEST_F(WarmPicturesTest, WhatIsKnownIsNotEncodedAgain) {
  const std::vector<std::string> files = {samples + "one.png", samples + "three.png"};
  const WarmCounts first = warm(files);
  EXPECT_EQ(first.encoded, 2u);
  EXPECT_EQ(first.known, 0u);
  EXPECT_TRUE(write_all(tiers, 10s, {}));
  const int encodes = engine.encodes;
  open();  // as another process
  const WarmCounts second = warm(files);
  EXPECT_EQ(second.known, 2u);
  EXPECT_EQ(second.encoded, 0u);
  EXPECT_EQ(engine.encodes, encodes);
}

TEST_F(WarmPicturesTest, WhatFailsIsListedAndTheOthersGoOn) {
  const WarmCounts counts =
      warm({"/nowhere.png", samples + "one.png", samples + "photos.txt", FOVEA_SOURCE_DIR "/README.md"});
  EXPECT_EQ(counts.encoded, 1u);
  EXPECT_EQ(counts.failed.size(), 3u);
  EXPECT_EQ(counts.done(), 4u);
  for (const WarmFailure& failure : counts.failed) EXPECT_THAT(failure.error.message, HasSubstr(failure.file));
}

TEST_F(WarmPicturesTest, ATenantsPicturesAreTheirsAlone) {
  const std::vector<std::string> files = {samples + "one.png"};
  EXPECT_EQ(warm(files, {.tenant = "alice"}).encoded, 1u);
  EXPECT_EQ(warm(files, {.tenant = "alice"}).known, 1u);
  EXPECT_EQ(warm(files, {.tenant = "bob"}).encoded, 1u);
  EXPECT_EQ(warm(files, {.tenant = "carol", .group = "shop"}).encoded, 1u);
  EXPECT_EQ(warm(files, {.group = "shop"}).known, 1u) << "one of the group's is everybody's in it";
}

TEST_F(WarmPicturesTest, AStopLeavesTheRestForTheNextTime) {
  engine.before_encode = [&] {
    stop.request_stop();
    return Result<void>();
  };
  const WarmCounts counts = warm({samples + "one.png", samples + "three.png"}, {.workers = 1});
  EXPECT_LE(counts.done(), 1u);
  EXPECT_TRUE(counts.failed.empty()) << "what was stopped has not failed";
}

TEST_F(WarmPicturesTest, ItGivesUpWhereNothingIsKept) {
  auto faulty = std::make_unique<test::FaultyTier>();
  faulty->fail(test::FaultyTier::Call::insert, Fault::unavailable);
  pipeline.reset();
  tiers.clear();
  tiers.push_back(std::make_unique<TierLane>(std::move(faulty), TierLaneOptions{}));
  pipeline = std::make_unique<Pipeline>(engine, PipelineOptions{.embedding_bytes_max = 1, .tiers = &tiers});
  std::vector<std::string> files;
  for (int i = 0; i < 100; ++i) files.push_back(samples + std::string(i, '/') + "one.png");
  const WarmCounts counts = warm(files, {.workers = 1});
  EXPECT_TRUE(counts.gave_up);
  EXPECT_LT(counts.done(), 100u);
  EXPECT_FALSE(warm({}).gave_up);
}

TEST_F(WarmPicturesTest, ProgressIsTold) {
  double last = 0;
  std::uint64_t done = 0;
  const std::vector<std::string> files = {samples + "one.png", samples + "three.png"};
  warm_pictures(*pipeline, tiers, files, {}, {}, [&](const WarmCounts& so_far, double fraction) {
    last = fraction;
    done = so_far.done();
  });
  EXPECT_EQ(last, 1);
  EXPECT_EQ(done, 2u);
  EXPECT_EQ(warm({}).done(), 0u);
}

}  // namespace
}  // namespace fovea::app
