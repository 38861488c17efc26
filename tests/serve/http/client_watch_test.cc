#include "serve/http/client_watch.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

// No connection at all counts as a closed one.
const std::weak_ptr<trantor::TcpConnection> closed;

TEST(ClientWatch, StopsTheRequestOfAClientThatLeft) {
  ClientWatch watch;
  const auto client = watch.add(closed);
  EXPECT_FALSE(client->gone.stop_requested()) << "not before it is polled";
  watch.poll();
  EXPECT_TRUE(client->gone.stop_requested());
  watch.remove(client);
}

TEST(ClientWatch, IsEmptyOnceAllAreRemoved) {
  ClientWatch watch;
  EXPECT_TRUE(watch.empty());
  const auto first = watch.add(closed), second = watch.add(closed);
  watch.remove(first);
  EXPECT_FALSE(watch.empty());
  watch.remove(second);
  EXPECT_TRUE(watch.empty());
}

TEST(ClientWatch, AStopCallbackMayUseTheWatch) {
  ClientWatch watch;
  const auto client = watch.add(closed);
  bool was_empty = true;
  {
    const std::stop_callback callback(client->gone.get_token(), [&] { was_empty = watch.empty(); });
    watch.stop_all();
  }
  EXPECT_FALSE(was_empty) << "called, and without the lock";
  watch.remove(client);
}

}  // namespace
}  // namespace fovea::serve
