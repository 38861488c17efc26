#include "serve/http/open_requests.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

TEST(OpenRequests, IsEmptyOnceAllAreRemoved) {
  OpenRequests open;
  EXPECT_TRUE(open.empty());
  const auto first = open.add({}), second = open.add({});
  open.remove(first);
  EXPECT_FALSE(open.empty());
  open.remove(second);
  EXPECT_TRUE(open.empty());
}

TEST(OpenRequests, StopsAllThatAreOpen) {
  OpenRequests open;
  std::stop_source first, second;
  const auto ended = open.add(first);
  const auto handle = open.add(second);
  open.remove(ended);
  open.stop_all();
  EXPECT_FALSE(first.stop_requested());
  EXPECT_TRUE(second.stop_requested());
  open.remove(handle);
}

TEST(OpenRequests, AStopCallbackMayUseIt) {
  OpenRequests open;
  std::stop_source gone;
  const auto handle = open.add(gone);
  bool was_empty = true;
  {
    const std::stop_callback callback(gone.get_token(), [&] { was_empty = open.empty(); });
    open.stop_all();
  }
  EXPECT_FALSE(was_empty) << "called, and without the lock";
  open.remove(handle);
}

}  // namespace
}  // namespace fovea::serve
