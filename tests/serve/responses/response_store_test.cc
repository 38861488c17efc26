#include "serve/responses/response_store.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

class HandClock final : public Clock {
 public:
  double now = 0;
  double now_ms() const override { return now; }
};

StoredResponse response(const std::string& id, const std::string& previous = "", std::size_t bytes = 0) {
  return {.id = id,
          .previous = previous,
          .reply = std::string(bytes, 'a'),
          .input = {{"in_" + id, "question " + id}},
          .output = {{"out_" + id, "answer " + id}}};
}

std::string ids_of(const std::vector<ResponseStore::Stored>& stored) {
  std::string ids;
  for (const auto& each : stored) ids += each->id + " ";
  return ids;
}

class ResponseStoreTest : public testing::Test {
 protected:
  ResponseStore with_room_for(std::size_t responses, std::size_t bytes) {
    return ResponseStore({.bytes_max = responses * response("a", "", bytes).charged(), .ttl_s = 10}, clock_);
  }

  HandClock clock_;
  ResponseStore store_{{.ttl_s = 10}, clock_};
};

TEST_F(ResponseStoreTest, FindsAndRemovesWhatIsTheTenants) {
  ASSERT_TRUE(store_.add("alice", response("a")));
  EXPECT_EQ(store_.find("alice", "a")->output.at(0).json, "answer a");
  EXPECT_EQ(store_.find("bob", "a"), nullptr);
  EXPECT_FALSE(store_.remove("bob", "a"));
  EXPECT_TRUE(store_.conversation("bob", "a").empty());
  EXPECT_FALSE(store_.item("bob", "out_a"));
  EXPECT_TRUE(store_.remove("alice", "a"));
  EXPECT_FALSE(store_.remove("alice", "a"));
  EXPECT_EQ(store_.bytes(), 0U);
}

TEST_F(ResponseStoreTest, AConversationIsTheOldestFirst) {
  store_.add("alice", response("a"));
  store_.add("alice", response("b", "a"));
  store_.add("alice", response("c", "b"));
  store_.add("alice", response("other", "a"));
  EXPECT_EQ(ids_of(store_.conversation("alice", "c")), "a b c ");
  EXPECT_EQ(ids_of(store_.conversation("alice", "other")), "a other ");
  store_.remove("alice", "a");
  EXPECT_TRUE(store_.conversation("alice", "c").empty());
}

// Or two requests whose ids are wrong would be answered for ever.
TEST_F(ResponseStoreTest, AnUnknownStartIsNoConversation) {
  EXPECT_TRUE(store_.conversation("alice", "a").empty());
  store_.add("alice", response("b", "a"));
  EXPECT_TRUE(store_.conversation("alice", "b").empty());
}

TEST_F(ResponseStoreTest, FindsItems) {
  store_.add("alice", response("a"));
  EXPECT_EQ(store_.item("alice", "in_a"), "question a");
  EXPECT_EQ(store_.item("alice", "out_a"), "answer a");
  EXPECT_FALSE(store_.item("alice", "out_b"));
}

TEST_F(ResponseStoreTest, ItemsOfOneNameAreFoundWhileOneIsThere) {
  StoredResponse first = response("a"), second = response("b");
  first.input = {{"same", "1"}, {"same", "2"}};
  second.input = {{"same", "3"}};
  store_.add("alice", first);
  store_.add("alice", second);
  store_.remove("alice", "a");
  EXPECT_EQ(store_.item("alice", "same"), "3");
  store_.remove("alice", "b");
  EXPECT_FALSE(store_.item("alice", "same"));
  EXPECT_EQ(store_.bytes(), 0U);
}

TEST_F(ResponseStoreTest, AResponseThatContinuesItselfIsNoConversation) {
  store_.add("alice", response("a", "a"));
  EXPECT_TRUE(store_.conversation("alice", "a").empty());
}

TEST_F(ResponseStoreTest, ItsTimeBeginsAgainWhenTheConversationGoesOn) {
  store_.add("alice", response("a"));
  store_.add("alice", response("b", "a"));
  store_.add("alice", response("alone"));
  clock_.now = 9'000;
  ASSERT_EQ(ids_of(store_.conversation("alice", "b")), "a b ");
  clock_.now = 11'000;
  EXPECT_EQ(store_.find("alice", "alone"), nullptr);
  EXPECT_EQ(ids_of(store_.conversation("alice", "b")), "a b ");
  clock_.now = 22'000;
  EXPECT_EQ(store_.find("alice", "b"), nullptr);
  EXPECT_EQ(store_.bytes(), 0U);
}

TEST_F(ResponseStoreTest, WhereThereIsNoRoomTheOldestInUseGo) {
  ResponseStore store = with_room_for(3, 100);
  store.add("alice", response("a", "", 100));
  store.add("alice", response("b", "", 100));
  store.add("alice", response("c", "", 100));
  ASSERT_EQ(ids_of(store.conversation("alice", "a")), "a ");
  EXPECT_TRUE(store.add("alice", response("d", "", 100)));
  EXPECT_NE(store.find("alice", "a"), nullptr);
  EXPECT_EQ(store.find("alice", "b"), nullptr);
  EXPECT_LE(store.bytes(), 3 * response("a", "", 100).charged());
}

TEST_F(ResponseStoreTest, OneTenantDoesNotPushOutAnother) {
  ResponseStore store = with_room_for(2, 100);
  store.add("alice", response("a", "", 100));
  store.add("alice", response("b", "", 100));
  EXPECT_FALSE(store.add("bob", response("c", "", 100)));
  EXPECT_NE(store.find("alice", "a"), nullptr);
  EXPECT_EQ(store.purge("alice"), 2U);
  EXPECT_TRUE(store.add("bob", response("c", "", 100)));
}

TEST_F(ResponseStoreTest, HoldsABoundedNumber) {
  ResponseStore store({.responses_max = 2}, clock_);
  for (const char* id : {"a", "b", "c"}) EXPECT_TRUE(store.add("alice", response(id)));
  EXPECT_EQ(store.find("alice", "a"), nullptr);
  EXPECT_NE(store.find("alice", "c"), nullptr);
}

TEST_F(ResponseStoreTest, WhatIsLargerThanAllOfItIsNotStored) {
  ResponseStore store = with_room_for(1, 100);
  store.add("alice", response("a", "", 100));
  EXPECT_FALSE(store.add("alice", response("b", "", 101)));
  EXPECT_NE(store.find("alice", "a"), nullptr);
  EXPECT_FALSE(ResponseStore({.bytes_max = 0}).enabled());
  EXPECT_FALSE(ResponseStore({.bytes_max = 0}).add("alice", response("a")));
}

}  // namespace
}  // namespace fovea::serve
