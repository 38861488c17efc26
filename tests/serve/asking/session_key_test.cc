#include "serve/asking/session_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fovea::serve {
namespace {

const Message system{"system", {"Be short."}, {}, {}};
const Message page{"user", {ImageSlot{0}, "What is on it?"}, {}, {}};
const Message other{"user", {"And here?", ImageSlot{0}}, {}, {}};
const Message said{"assistant", {"A square."}, {}, {}};

Key key(std::vector<Message> messages, std::string_view name = "", std::string_view tenant = "alice") {
  return session_key(tenant, name, messages);
}

TEST(SessionKey, ANameIsAllThatCounts) {
  EXPECT_EQ(key({page}, "reader 1"), key({system, other}, "reader 1"));
  EXPECT_NE(key({page}, "reader 1"), key({page}, "reader 2"));
  EXPECT_NE(key({page}, "reader 1"), key({page}));
}

TEST(CameraKey, IsANameOfATenantAndNothingElse) {
  EXPECT_FALSE(camera_key("alice", "")) << "a conversation's beginning names no camera";
  EXPECT_EQ(camera_key("alice", "door"), camera_key("alice", "door"));
  EXPECT_NE(camera_key("alice", "door"), camera_key("alice", "window"));
  EXPECT_NE(camera_key("alice", "door"), camera_key("bob", "door"));
  const std::string long_name(5000, 'x');
  EXPECT_NE(camera_key("alice", long_name + "1"), camera_key("alice", long_name + "2")) << "all of the name counts";
  EXPECT_NE(camera_key("alice", "door"), key({}, "door")) << "it is no session";
}

TEST(SessionKey, TenantsHaveNoneInCommon) {
  EXPECT_NE(key({page}, "reader 1"), key({page}, "reader 1", "bob"));
  EXPECT_NE(key({page}), key({page}, "", "bob"));
}

TEST(SessionKey, SingleQuestionsWithTheSameInstructionsFollowEachOther) {
  EXPECT_EQ(key({system, page}), key({system, other}));
  EXPECT_NE(key({system, page}), key({page}));
}

TEST(SessionKey, AConversationIsKnownByItsBeginning) {
  EXPECT_EQ(key({system, page, said, other}), key({system, page, said, other, said, page}));
  EXPECT_NE(key({system, page, said, other}), key({system, other, said, other}));
  EXPECT_NE(key({system, page, said, other}), key({system, page}));
}

TEST(SessionKey, LongTextsCountToABound) {
  const std::string long_text(100'000, 'x');
  EXPECT_EQ(key({{"system", {long_text}, {}, {}}, page}), key({{"system", {long_text + "y"}, {}, {}}, page}));
  EXPECT_NE(key({{"system", {long_text}, {}, {}}, page}), key({{"system", {"y" + long_text}, {}, {}}, page}));
  EXPECT_EQ(key({page}, long_text), key({page}, long_text + "y"));
  EXPECT_NE(key({page}, long_text), key({page}, "y" + long_text));
}

TEST(SessionKey, NothingIsASessionToo) {
  EXPECT_EQ(key({}), key({page}));
  EXPECT_NE(key({said, page, said}), key({}));
}

}  // namespace
}  // namespace fovea::serve
