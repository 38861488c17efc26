// LruPolicy: the least recently used leaves first. The baseline that every other policy is compared with.
#pragma once

#include "cache/policy.h"

namespace fovea {

class LruPolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, Departure why) override;

 private:
  ItemList items_;  // the least recently used first
};

}  // namespace fovea
