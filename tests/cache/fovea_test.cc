// The C interface: values, statuses, messages, and structs of older programs.
#include "fovea/fovea.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

fovea_key key_of(const std::string& text) {
  const void* fields[] = {text.data()};
  const std::size_t lengths[] = {text.size()};
  fovea_key key{};
  EXPECT_EQ(fovea_key_of("test/1", fields, lengths, 1, &key), FOVEA_OK);
  return key;
}

class CInterface : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(fovea_level_open(1 << 20, "lru", &level), FOVEA_OK); }
  void TearDown() override { fovea_level_close(level); }

  fovea_level* level = nullptr;
  const fovea_key key = key_of("one");
};

struct Computation {
  int calls = 0;
  int code = 0;
  bool fill = true;
};

int compute(void* context, fovea_sink* sink) {
  Computation& computation = *static_cast<Computation*>(context);
  ++computation.calls;
  if (computation.fill) std::memset(fovea_fill(sink, 5), 'c', 5);
  return computation.code;
}

TEST_F(CInterface, FindsWhatWasInserted) {
  fovea_value* value = nullptr;
  EXPECT_EQ(fovea_find(level, &key, &value), FOVEA_MISS);
  EXPECT_EQ(value, nullptr);
  EXPECT_EQ(fovea_insert(level, &key, "hello", 5, 12.5), FOVEA_OK);
  ASSERT_EQ(fovea_find(level, &key, &value), FOVEA_OK);
  EXPECT_EQ(std::string(static_cast<const char*>(fovea_value_bytes(value)), fovea_value_size(value)), "hello");
  EXPECT_EQ(fovea_erase(level, &key), FOVEA_OK);
  EXPECT_EQ(fovea_erase(level, &key), FOVEA_MISS);
  EXPECT_EQ(std::memcmp(fovea_value_bytes(value), "hello", 5), 0);
  fovea_value_release(value);
}

TEST_F(CInterface, AValueOutlivesItsLevel) {
  fovea_level* other = nullptr;
  ASSERT_EQ(fovea_level_open(1000, nullptr, &other), FOVEA_OK);
  fovea_insert(other, &key, "hello", 5, 1);
  fovea_value* value = nullptr;
  ASSERT_EQ(fovea_find(other, &key, &value), FOVEA_OK);
  fovea_level_close(other);
  EXPECT_EQ(std::memcmp(fovea_value_bytes(value), "hello", 5), 0);
  fovea_value_release(value);
}

TEST_F(CInterface, ComputesOnce) {
  Computation computation;
  for (int i = 0; i < 3; ++i) {
    fovea_value* value = nullptr;
    ASSERT_EQ(fovea_get_or_compute(level, &key, compute, &computation, &value), FOVEA_OK);
    EXPECT_EQ(fovea_value_size(value), 5u);
    fovea_value_release(value);
  }
  EXPECT_EQ(computation.calls, 1);
}

TEST_F(CInterface, AFailedComputationSaysSoAndStoresNothing) {
  Computation computation{.code = 7};
  fovea_value* value = nullptr;
  EXPECT_EQ(fovea_get_or_compute(level, &key, compute, &computation, &value), FOVEA_FAILED);
  EXPECT_STREQ(fovea_last_error(), "The compute function returned 7.");
  Computation empty{.fill = false};
  EXPECT_EQ(fovea_get_or_compute(level, &key, compute, &empty, &value), FOVEA_FAILED);
  EXPECT_EQ(value, nullptr);
  fovea_stats stats{.struct_size = sizeof(fovea_stats)};
  ASSERT_EQ(fovea_level_stats(level, &stats), FOVEA_OK);
  EXPECT_EQ(stats.entries, 0u);
}

TEST_F(CInterface, AnOlderAndSmallerStatsStructIsNotOverrun) {
  fovea_insert(level, &key, "hello", 5, 3);
  fovea_value* value = nullptr;
  fovea_find(level, &key, &value);
  fovea_value_release(value);
  struct {
    std::size_t struct_size = 3 * 8;
    std::uint64_t hits = 0, misses = 0;
    std::uint64_t beyond = 42;
  } old;
  ASSERT_EQ(fovea_level_stats(level, reinterpret_cast<fovea_stats*>(&old)), FOVEA_OK);
  EXPECT_EQ(old.hits, 1u);
  EXPECT_EQ(old.beyond, 42u);
  fovea_stats none{};
  EXPECT_EQ(fovea_level_stats(level, &none), FOVEA_INVALID);
}

TEST_F(CInterface, WrongArgumentsAreRefusedWithAMessage) {
  fovea_level* none = nullptr;
  EXPECT_EQ(fovea_level_open(1, "fifo", &none), FOVEA_INVALID);
  EXPECT_EQ(none, nullptr);
  EXPECT_NE(std::string(fovea_last_error()).find("s3-fifo"), std::string::npos) << fovea_last_error();
  fovea_value* value = nullptr;
  EXPECT_EQ(fovea_find(nullptr, &key, &value), FOVEA_INVALID);
  EXPECT_EQ(fovea_find(level, nullptr, &value), FOVEA_INVALID);
  EXPECT_EQ(fovea_find(level, &key, nullptr), FOVEA_INVALID);
  EXPECT_EQ(fovea_insert(level, &key, nullptr, 5, 1), FOVEA_INVALID);
  EXPECT_EQ(fovea_insert(level, &key, "hello", 5, -1), FOVEA_INVALID);
  EXPECT_EQ(fovea_get_or_compute(level, &key, nullptr, nullptr, &value), FOVEA_INVALID);
  EXPECT_EQ(fovea_set_importance(level, &key, 2), FOVEA_INVALID);
  EXPECT_EQ(fovea_set_importance(level, &key, 0.5F), FOVEA_MISS);
  EXPECT_EQ(fovea_value_bytes(nullptr), nullptr);
  fovea_value_release(nullptr);
  fovea_level_close(nullptr);
}

TEST_F(CInterface, AnErrorBelongsToItsThread) {
  fovea_level_open(1, "fifo", nullptr);
  const std::string mine = fovea_last_error();
  EXPECT_FALSE(mine.empty());
  std::thread([] { EXPECT_STREQ(fovea_last_error(), ""); }).join();
}

TEST_F(CInterface, BypassClearAndResize) {
  const std::vector<char> large(2 << 20);
  EXPECT_EQ(fovea_insert(level, &key, large.data(), large.size(), 1), FOVEA_BYPASS);
  EXPECT_EQ(fovea_resize(level, 4 << 20), FOVEA_OK);
  EXPECT_EQ(fovea_insert(level, &key, large.data(), large.size(), 1), FOVEA_OK);
  EXPECT_EQ(fovea_clear(level), FOVEA_OK);
  fovea_stats stats{.struct_size = sizeof(fovea_stats)};
  fovea_level_stats(level, &stats);
  EXPECT_EQ(stats.bytes, 0u);
  EXPECT_EQ(stats.bytes_max, 4u << 20);
}

}  // namespace
