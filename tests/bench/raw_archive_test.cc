// Good archives, damaged ones, and ones that were made to do harm.
#include "bench/raw_archive.h"

#include <format>
#include <fstream>
#include <iterator>
#include <utility>

#include "bench/packed.h"

namespace fovea {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

class RawArchive : public testing::Test {
 protected:
  Result<Files> read(const ArchiveBounds& bounds = {}) const {
    Files files;
    const auto take = [&](const std::string& name, std::string bytes) {
      files.emplace_back(name, std::move(bytes));
      return Result<void>();
    };
    const auto done = read_raw_archive(path, take, bounds);
    if (!done) return std::unexpected(done.error());
    return files;
  }
  Result<Files> read_packed(const std::vector<PackedEntry>& entries, const ArchiveBounds& bounds = {}) const {
    pack(path, entries);
    return read(bounds);
  }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
  std::string content() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const TestFolder folder{"raw-archive-test"};
  const std::filesystem::path path = folder / "raw.tar.xz";
};

TEST_F(RawArchive, FilesComeInTheirOrder) {
  const std::string large(3 << 20, 'x');
  const auto files =
      read_packed({{"raw/", "", AE_IFDIR}, {"raw/b-1-2f.jsonl", "one\n"}, {"raw/A.jsonl", large}, {"raw/0.jsonl", ""}});
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(*files, (Files{{"b-1-2f.jsonl", "one\n"}, {"A.jsonl", large}, {"0.jsonl", ""}}));
}

TEST_F(RawArchive, AnArchiveOfNothingHasNoFiles) {
  const auto files = read_packed({});
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_TRUE(files->empty());
}

TEST_F(RawArchive, NothingButPlainFilesOfTheFolderIsTaken) {
  for (const PackedEntry& wrong : std::vector<PackedEntry>{{"../raw/a.jsonl", "x"},
                                                           {"raw/../a.jsonl", "x"},
                                                           {"/raw/a.jsonl", "x"},
                                                           {"./raw/a.jsonl", "x"},
                                                           {"raw/more/a.jsonl", "x"},
                                                           {"raw/a.txt", "x"},
                                                           {"raw/.jsonl", "x"},
                                                           {"raw/a b.jsonl", "x"},
                                                           {"raw/\x1b[2J.jsonl", "x"},
                                                           {"a.jsonl", "x"},
                                                           {"other/", "", AE_IFDIR},
                                                           {"raw/a.jsonl", "", AE_IFLNK, "/etc/passwd"},
                                                           {"raw/a.jsonl", "", AE_IFREG, "raw/good.jsonl"},
                                                           {"raw/a.jsonl", "", AE_IFIFO}}) {
    const auto files = read_packed({{"raw/good.jsonl", "x"}, wrong});
    ASSERT_FALSE(files) << wrong.path;
    EXPECT_EQ(files.error().fault, Fault::invalid) << wrong.path;
    EXPECT_TRUE(files.error().message.starts_with(path.string())) << files.error().message;
    EXPECT_FALSE(files.error().message.contains('\x1b')) << "a terminal would obey it";
  }
}

TEST_F(RawArchive, NoFileComesTwice) {
  const auto files = read_packed({{"raw/a.jsonl", "x"}, {"raw/a.jsonl", "y"}});
  ASSERT_FALSE(files);
  EXPECT_TRUE(files.error().message.contains("a.jsonl twice")) << files.error().message;
}

TEST_F(RawArchive, BoundsHold) {
  const std::vector<PackedEntry> entries = {{"raw/a.jsonl", std::string(100, 'a')},
                                            {"raw/b.jsonl", std::string(60, 'b')}};
  pack(path, entries);
  const std::uint64_t all = unpacked(path).size();
  EXPECT_TRUE(read({.files_max = 2, .file_bytes_max = 100, .bytes_max = all}));
  for (const ArchiveBounds& bounds :
       {ArchiveBounds{.files_max = 1}, ArchiveBounds{.file_bytes_max = 99}, ArchiveBounds{.bytes_max = all - 1}}) {
    const auto files = read(bounds);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().fault, Fault::too_large) << files.error().message;
  }
}

TEST_F(RawArchive, DamageIsReportedWithAdvice) {
  std::string noise;  // that xz cannot make much smaller
  for (std::uint32_t i = 0, state = 1; i < 20'000; ++i)
    noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  pack(path, {{"raw/a.jsonl", noise}});
  const std::string whole = content();
  ASSERT_TRUE(read());
  std::vector<std::string> damaged = {"", "no archive"};
  for (std::size_t size = 1; size < whole.size(); size += 997) damaged.push_back(whole.substr(0, size));
  for (std::size_t at = 0; at < whole.size(); at += 1499) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x10);
  }
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    write(damaged[i]);
    const auto files = read();
    ASSERT_FALSE(files) << i;
    EXPECT_EQ(files.error().fault, Fault::corrupt) << i << ": " << files.error().message;
    EXPECT_TRUE(files.error().message.contains("get it again")) << files.error().message;
  }
}

// A header may claim any size. Memory is taken only for what is allowed, and missing bytes are damage.
TEST_F(RawArchive, HeadersMayLie) {
  pack(path, {{"raw/a.jsonl", "x"}});
  for (const auto& [digits, fault] :
       {std::pair{"77777777777", Fault::too_large}, {"00000077777", Fault::corrupt}, {"00000000700", Fault::corrupt}}) {
    std::string header = unpacked(path).substr(0, 512);
    header.replace(124, 11, digits);  // the size
    header.replace(148, 8, 8, ' ');   // the checksum, of the header with blanks in its place
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    header.replace(148, 7, std::format("{:06o}", sum) + '\0');
    pack_bytes(path, header);
    const auto files = read();
    ASSERT_FALSE(files) << digits;
    EXPECT_EQ(files.error().fault, fault) << files.error().message;
    pack(path, {{"raw/a.jsonl", "x"}});
  }
}

TEST_F(RawArchive, AMissingFileIsReported) {
  const auto missing = read();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::not_found);
  std::filesystem::create_directories(path);
  EXPECT_FALSE(read());
}

TEST_F(RawArchive, AFaultOfTheTakerEndsIt) {
  pack(path, {{"raw/a.jsonl", "x"}, {"raw/b.jsonl", "y"}});
  int taken = 0;
  const auto done = read_raw_archive(path, [&](const std::string&, const std::string&) -> Result<void> {
    ++taken;
    return fail(Fault::cancelled, "enough");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace fovea
