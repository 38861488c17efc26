#include "pipeline/levels/scope.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Scope, Incident10OnlyWhoMayShareHasTheSameScope) {
  const Scope alice = scope_of("alice", ""), again = scope_of("alice", ""), bob = scope_of("bob", "");
  EXPECT_EQ(alice.id, again.id);
  EXPECT_NE(alice.id, bob.id);
  EXPECT_NE(scope_of("alice", "", "salt").id, alice.id);
  EXPECT_NE(scope_of("alice", "", "salt").id, scope_of("bob", "", "salt").id) << "a salt is the client's choice";
  EXPECT_EQ(scope_of("alice", "lab").id, scope_of("bob", "lab").id);
  EXPECT_NE(scope_of("alice", "lab").id, scope_of("lab", "").id) << "a tenant that is called as a group is";
  EXPECT_NE(scope_of("alice", "lab", "salt").id, scope_of("bob", "lab").id);
}

TEST(Scope, WhatIsStoredIsTheTenantsUnderAnySaltAndGroup) {
  EXPECT_EQ(scope_of("alice", "lab", "salt").tenant, tenant_label("alice"));
  EXPECT_NE(tenant_label("alice"), tenant_label("bob"));
  EXPECT_NE(tenant_label("alice"), scope_of("alice", "").id);
}

}  // namespace
}  // namespace fovea
