#include "audit/log/question_csv.h"

#include <filesystem>
#include <fstream>

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::as;
using test::reading;

const LogOptions csv = as(LogFormat::csv);

TEST(QuestionCsv, HasARequestARow) {
  const auto read = reading(
      "time,picture,question,user,answer\r\n"
      "2026-11-30T05:00:00Z,a.png,\"What, \"\"exactly\"\"?\",shop,x\r\n"
      "1796014801,b.png,\"two\nlines\",,y\n",
      csv);
  ASSERT_TRUE(read.summary) << read.summary.error().message;
  ASSERT_EQ(read.requests.size(), 2u);
  const AuditedRequest& first = read.requests[0];
  EXPECT_EQ(first.time_ms, 1796014800000);
  EXPECT_EQ(first.client, "shop");
  EXPECT_TRUE(first.deterministic);
  ASSERT_EQ(first.parts.size(), 2u);
  EXPECT_EQ(first.parts[0].kind, PartKind::image);
  EXPECT_EQ(first.parts[1].bytes, std::string_view("What, \"exactly\"?").size());
  EXPECT_EQ(read.requests[1].parts[1].bytes, 9u);
  EXPECT_TRUE(first.pictures[0].by_url);
}

TEST(QuestionCsv, SaysWhatIsWrongWithARow) {
  const auto read = reading("picture,question,time\na.png,What?,1\nb.png,What?\n,What?,1\nc.png,What?,noon\n", csv);
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 1u);
  EXPECT_EQ(read.summary->bad_entries, 3u);
  EXPECT_EQ(read.summary->first_bad, "log:3: 2 fields where the header has 3");
}

TEST(QuestionCsv, NeedsItsColumnsAndItsQuotes) {
  EXPECT_TRUE(reading("a,b\n", csv).summary.error().message.contains("columns picture and question"));
  EXPECT_TRUE(reading("picture,question\na,\"b\n", csv).summary.error().message.contains("inside quotes"));
}

TEST(QuestionCsv, OpensPicturesOfItsFolderAlone) {
  const auto folder = std::filesystem::temp_directory_path() / "fovea_question_csv_test";
  std::filesystem::create_directories(folder / "pictures");
  const auto write = [](const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  const Blob png = *encode_png(test::ramp(20, 10));
  write(folder / "pictures/a.png", png.text());
  write(folder / "outside.png", png.text());
  write(folder / "pictures/questions.csv", "picture,question\na.png,What?\n../outside.png,What?\nnone.png,What?\n");
  std::vector<AuditedRequest> requests;
  const auto summary =
      read_log((folder / "pictures").string(), {}, [&](const auto& request) { requests.push_back(request); });
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(summary) << summary.error().message;
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].pictures[0].width, 20u);
  EXPECT_TRUE(requests[0].pictures[0].image_hash);
  EXPECT_TRUE(requests[1].pictures[0].by_url) << "outside of the folder";
  EXPECT_TRUE(requests[2].pictures[0].by_url);
  EXPECT_EQ(summary->pictures_by_url, 2u);
}

}  // namespace
}  // namespace fovea
