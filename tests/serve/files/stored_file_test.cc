#include "serve/files/stored_file.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "store/byte_io.h"

namespace fovea::serve {
namespace {

StoredFile some_file() {
  return {.id = "file-1",
          .tenant = "alice",
          .name = "cat.png",
          .bytes = Blob::copy_of("picture"),
          .created_unix_s = 1000.5,
          .expires_unix_s = 2000.25,
          .purpose = FilePurpose::user_data};
}

std::optional<StoredFile> file_of(std::string_view payload) {
  const Record record{.header = {.kind = RecordKind::file}, .payload = Blob::copy_of(payload)};
  return StoredFile::from_record(record, "alice", "file-1");
}

TEST(StoredFile, ComesBackAsItWas) {
  const StoredFile file = some_file();
  const auto record = decode_record(file.record(), RecordKind::file, StoredFile::scope_of("alice"));
  ASSERT_TRUE(record);
  const auto back = StoredFile::from_record(*record, file.tenant, file.id);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, file.id);
  EXPECT_EQ(back->tenant, file.tenant);
  EXPECT_EQ(back->name, file.name);
  EXPECT_EQ(back->bytes.text(), file.bytes.text());
  EXPECT_EQ(back->created_unix_s, file.created_unix_s);
  EXPECT_EQ(back->expires_unix_s, file.expires_unix_s);
  EXPECT_EQ(back->purpose, file.purpose);
}

// docs/format.md, byte by byte: 1000.5 and 2000.25 as f64, the length of the name as u32.
TEST(StoredFile, IsWrittenAsTheFormatSays) {
  const auto record = decode_record(some_file().record());
  ASSERT_TRUE(record);
  using namespace std::string_literals;
  EXPECT_EQ(record->payload.text(),
            "\0\0\0\0\0\x44\x8F\x40"s + "\0\0\0\0\0\x41\x9F\x40"s + "\x07\0\0\0"s + "cat.png" + "picture");
  EXPECT_EQ(record->header.made_unix_ms, 1000'500);
  EXPECT_EQ(record->header.shape, (std::array<std::uint32_t, 4>{1}));
}

TEST(StoredFile, OtherBytesAreNoFile) {
  const std::string whole(decode_record(some_file().record())->payload.text());
  const std::size_t head = whole.size() - std::string_view("picture").size();
  for (std::size_t size = 0; size < head; ++size) EXPECT_FALSE(file_of(whole.substr(0, size))) << size;
  EXPECT_TRUE(file_of(whole.substr(0, head))) << "a file may be empty";
  StoredFile timeless = some_file();
  timeless.expires_unix_s = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(file_of(decode_record(timeless.record())->payload.text()));
}

TEST(StoredFile, AFileOfAnEarlierVersionIsForVision) {
  const std::string payload(decode_record(some_file().record())->payload.text());
  EXPECT_EQ(file_of(payload)->purpose, FilePurpose::vision);
  EXPECT_EQ(to_string(FilePurpose::vision), "vision");
  EXPECT_EQ(to_string(FilePurpose::user_data), "user_data");
}

TEST(StoredFile, IsUnderAnotherKeyForAnotherTenant) {
  EXPECT_NE(StoredFile::key_of("alice", "file-1"), StoredFile::key_of("bob", "file-1"));
  EXPECT_NE(StoredFile::key_of("alice", "file-1"), StoredFile::key_of("alice", "file-2"));
  EXPECT_NE(StoredFile::scope_of("alice"), StoredFile::scope_of("bob"));
}

TEST(StoredFile, CostsMoreThanFetchingItFromAnySensibleTier) {
  StoredFile large = some_file();
  large.bytes = Blob::copy_of(std::string(10'000'000, 'x'));
  EXPECT_GE(decode_record(some_file().record())->header.cost_ms, 1000);
  EXPECT_GE(decode_record(large.record())->header.cost_ms, 10'000);
}

}  // namespace
}  // namespace fovea::serve
