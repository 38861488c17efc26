#include "serve/files/file_store.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

Blob bytes(std::size_t count) { return Blob::copy_of(std::string(count, 'x')); }

// The id that a file gets; the status where it is refused.
std::string add(FileStore& files, std::string_view tenant, std::size_t size) {
  const auto stored = files.add(tenant, "name", bytes(size));
  return stored ? stored->id : std::to_string(stored.error().status);
}

TEST(FileStore, GivesBackWhatItWasGiven) {
  FileStore files({});
  const auto stored = files.add("alice", "cat.png", Blob::copy_of("picture"));
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->id.starts_with("file-"));
  EXPECT_EQ(stored->expires_unix_s - stored->created_unix_s, 24 * 3600);
  const auto found = files.find("alice", stored->id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes.text(), "picture");
  EXPECT_EQ(found->name, "cat.png");
  EXPECT_EQ(files.bytes(), 7U);
}

TEST(FileStore, KeepsAFileAsItsClientSaidAndNeverForLonger) {
  FileStore files({.ttl_s = 7200});
  const auto lifetime = [&](double ttl_s) {
    const auto stored = files.add("alice", "a", bytes(1), {.purpose = FilePurpose::user_data, .ttl_s = ttl_s});
    EXPECT_EQ(stored->purpose, FilePurpose::user_data);
    return stored->expires_unix_s - stored->created_unix_s;
  };
  EXPECT_EQ(lifetime(3600), 3600);
  EXPECT_EQ(lifetime(10'000), 7200);
}

TEST(FileStore, KeepsOneTenantsFilesFromAnother) {
  FileStore files({});
  const std::string id = add(files, "alice", 5);
  EXPECT_FALSE(files.find("bob", id));
  EXPECT_FALSE(files.remove("bob", id));
  EXPECT_TRUE(files.list("bob").empty());
  EXPECT_TRUE(files.find("alice", id));
}

TEST(FileStore, ListsTheNewestFirst) {
  FileStore files({});
  const std::string first = add(files, "alice", 1);
  add(files, "bob", 1);
  const std::string second = add(files, "alice", 1);
  const auto list = files.list("alice");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, second);
  EXPECT_EQ(list[1].id, first);
}

TEST(FileStore, RemovesOnce) {
  FileStore files({});
  const std::string id = add(files, "alice", 5);
  EXPECT_TRUE(files.remove("alice", id));
  EXPECT_FALSE(files.remove("alice", id));
  EXPECT_FALSE(files.find("alice", id));
  EXPECT_EQ(files.bytes(), 0U);
}

TEST(FileStore, MakesRoomOfTheSameTenantsOldestFiles) {
  FileStore files({.bytes_max = 10});
  const std::string others = add(files, "bob", 3);
  const std::string oldest = add(files, "alice", 4);
  const std::string older = add(files, "alice", 3);
  const std::string newest = add(files, "alice", 2);
  EXPECT_TRUE(files.find("bob", others)) << "though it is the oldest of all";
  EXPECT_FALSE(files.find("alice", oldest));
  EXPECT_TRUE(files.find("alice", older));
  EXPECT_TRUE(files.find("alice", newest));
  EXPECT_EQ(files.bytes(), 8U);
}

TEST(FileStore, HasAnEndToTheNumberOfFiles) {
  FileStore files({.files_max = 2});
  const std::string oldest = add(files, "alice", 1);
  add(files, "alice", 1);
  add(files, "alice", 1);
  EXPECT_FALSE(files.find("alice", oldest));
  EXPECT_EQ(files.list("alice").size(), 2U);
  EXPECT_EQ(add(files, "bob", 1), "507") << "another's files make no room";
}

TEST(FileStore, RefusesWhereOthersLeaveNoRoomAndLosesNothingByIt) {
  FileStore files({.bytes_max = 10});
  add(files, "bob", 8);
  const std::string own = add(files, "alice", 2);
  EXPECT_EQ(add(files, "alice", 3), "507");
  EXPECT_TRUE(files.find("alice", own));
  EXPECT_EQ(files.bytes(), 10U);
}

TEST(FileStore, RefusesWhatIsLargerThanAllRoomAndLosesNothingByIt) {
  FileStore files({.bytes_max = 10});
  const std::string own = add(files, "alice", 2);
  EXPECT_EQ(add(files, "alice", 11), "413");
  EXPECT_TRUE(files.find("alice", own));
  EXPECT_TRUE(add(files, "alice", 10).starts_with("file-"));
}

TEST(FileStore, ForgetsFilesWhoseTimeIsOver) {
  FileStore files({.bytes_max = 10, .ttl_s = -1});
  const std::string id = add(files, "alice", 10);
  EXPECT_FALSE(files.find("alice", id));
  EXPECT_EQ(files.bytes(), 0U);
  add(files, "alice", 10);
  EXPECT_TRUE(files.list("alice").empty());
  add(files, "alice", 10);
  EXPECT_TRUE(add(files, "bob", 10).starts_with("file-")) << "nobody has to ask for it first";
}

}  // namespace
}  // namespace fovea::serve
