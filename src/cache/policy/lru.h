// LruPolicy: evicts the least recently used entry. The baseline of every other policy. Not thread-safe.
#pragma once

#include "cache/policy.h"

namespace fovea {

class LruPolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, RemovalCause why) override;

 private:
  ItemList items_;  // least recently used first
};

}  // namespace fovea
