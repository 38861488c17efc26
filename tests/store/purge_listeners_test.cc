#include "store/purge_listeners.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "pipeline/gate.h"
#include "store/entries.h"

namespace fovea {
namespace {

using namespace test;  // the entries

class Listener final : public PurgeListener {
 public:
  void purged_elsewhere(std::span<const PurgeLabel> labels) override {
    gate.pass({});
    told.insert(told.end(), labels.begin(), labels.end());
  }

  Gate gate;
  std::vector<PurgeLabel> told;
};

TEST(PurgeListenersTest, AllAreToldUntilTheyAreRemoved) {
  PurgeListeners listeners;
  Listener one, other;
  const PurgeLabel label{.tenant = alice, .image = red};
  listeners.tell(std::span(&label, 1));
  listeners.add(one);
  listeners.add(other);
  listeners.tell(std::span(&label, 1));
  listeners.remove(one);
  listeners.tell(std::span(&label, 1));
  EXPECT_EQ(one.told, std::vector{label});
  EXPECT_EQ(other.told, (std::vector{label, label}));
}

// A listener is destroyed after its removal: nobody may be in it then.
TEST(PurgeListenersTest, RemovingWaitsForWhoIsToldNow) {
  PurgeListeners listeners;
  Listener listener;
  listeners.add(listener);
  listener.gate.close();
  const PurgeLabel label{.tenant = alice, .image = {}};
  std::jthread telling([&] { listeners.tell(std::span(&label, 1)); });
  listener.gate.wait_for(1);
  std::atomic<bool> opened = false;
  std::jthread opening([&] {
    opened = true;
    listener.gate.open();
  });
  listeners.remove(listener);
  EXPECT_TRUE(opened);
  EXPECT_EQ(listener.told.size(), 1u);
}

}  // namespace
}  // namespace fovea
