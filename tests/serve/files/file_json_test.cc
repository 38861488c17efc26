#include "serve/files/file_json.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

const StoredFile gif{.id = "file-1",
                     .tenant = "alice",
                     .name = "a.gif",
                     .bytes = Blob::copy_of("GIF89a"),
                     .created_unix_s = 1'700'000'000.5,
                     .expires_unix_s = 1'700'003'600.5,
                     .purpose = FilePurpose::user_data};

constexpr std::string_view openai =
    R"({"id":"file-1","object":"file","bytes":6,"created_at":1700000000,"expires_at":1700003600,)"
    R"("filename":"a.gif","purpose":"user_data","status":"processed"})";
constexpr std::string_view anthropic =
    R"({"id":"file-1","type":"file","filename":"a.gif","mime_type":"image/gif","size_bytes":6,)"
    R"("created_at":"2023-11-14T22:13:20Z","downloadable":true})";

TEST(FileJson, HasTheFieldsOfItsApi) {
  EXPECT_EQ(file_json(gif, FilesApi::openai), openai);
  EXPECT_EQ(file_json(gif, FilesApi::anthropic), anthropic);
}

TEST(FileJson, ListsAPage) {
  const std::string ends = R"(],"first_id":"file-1","last_id":"file-1","has_more":true})";
  EXPECT_EQ(files_json({.files = {gif}, .has_more = true}, FilesApi::openai),
            R"({"object":"list","data":[)" + std::string(openai) + ends);
  EXPECT_TRUE(files_json({.files = {gif}}, FilesApi::anthropic).contains(anthropic));
  EXPECT_TRUE(files_json({}, FilesApi::openai).contains(R"("data":[])"));
}

TEST(FileJson, TellsThatAFileWasDeleted) {
  EXPECT_EQ(deleted_json("file-1", FilesApi::openai), R"({"id":"file-1","object":"file","deleted":true})");
  EXPECT_EQ(deleted_json("file-1", FilesApi::anthropic), R"({"id":"file-1","type":"file_deleted"})");
}

}  // namespace
}  // namespace fovea::serve
