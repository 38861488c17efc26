#include "engine/fingerprint.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "engine/mutilation.h"

namespace fovea {
namespace {

using namespace std::chrono_literals;

class Fingerprint : public testing::Test {
 protected:
  void write(std::string_view content) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << content; }

  Key fingerprint(const FingerprintMemo& with) const {
    const Result<Key> key = fingerprint_file(file, with);
    EXPECT_TRUE(key) << key.error().message;
    return key.value_or(Key{});
  }

  // How many chunks are read: progress is reported for each chunk that is hashed, and not for a remembered
  // fingerprint.
  int chunks_read(const FingerprintMemo& with) const {
    int chunks = 0;
    EXPECT_TRUE(fingerprint_file(file, with, [&chunks](double) { ++chunks; }));
    return chunks;
  }

  std::vector<std::filesystem::path> entries() const {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(memo_folder)) paths.push_back(entry.path());
    return paths;
  }

  // Sets the modification time back to what it was, as copying tools do.
  void restore_mtime(const struct stat& before) const {
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }

  test::ScratchFolder folder;
  std::filesystem::path file = folder.path() / "model.gguf";
  std::filesystem::path memo_folder = folder.path() / "memo";
  FingerprintMemo memo{memo_folder, 0ms};  // remembers files however young
};

TEST_F(Fingerprint, DependsOnContentAlone) {
  write("weights");
  const Key first = fingerprint(memo);
  std::filesystem::copy_file(file, folder.path() / "copy.gguf");
  EXPECT_EQ(fingerprint_file(folder.path() / "copy.gguf", memo).value(), first);
  write("weightz");
  EXPECT_NE(fingerprint(memo), first);
  write("weights and more");
  EXPECT_NE(fingerprint(memo), first);
}

TEST_F(Fingerprint, IsRememberedUntilTheFileChanges) {
  write("weights");
  EXPECT_EQ(chunks_read(memo), 1);
  EXPECT_EQ(chunks_read(memo), 0);
  write("other weights");
  EXPECT_EQ(chunks_read(memo), 1);
}

// Incident 9: weights replaced under the same name, of the same size, with the modification time restored.
TEST_F(Fingerprint, Incident9ReplacedWeightsHaveAnotherFingerprint) {
  write("old weights");
  const Key old = fingerprint(memo);
  ASSERT_EQ(chunks_read(memo), 0) << "the old one is remembered";
  struct stat before;
  ASSERT_EQ(stat(file.c_str(), &before), 0);
  // The kernel's change time has a coarse clock: wait for its next tick, so that the times can differ at all.
  struct stat after = before;
  while (after.st_ctim.tv_sec == before.st_ctim.tv_sec && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec) {
    write("new weights");
    restore_mtime(before);
    ASSERT_EQ(stat(file.c_str(), &after), 0);
  }
  ASSERT_EQ(after.st_ino, before.st_ino);
  ASSERT_EQ(after.st_size, before.st_size);
  ASSERT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_NE(fingerprint(memo), old);
}

TEST_F(Fingerprint, Incident9AFileMovedOverTheOldOneHasAnotherFingerprint) {
  write("old weights");
  const Key old = fingerprint(memo);
  struct stat before;
  ASSERT_EQ(stat(file.c_str(), &before), 0);
  const auto replacement = folder.path() / "download";
  std::ofstream(replacement) << "new weights";
  std::filesystem::rename(replacement, file);
  restore_mtime(before);
  EXPECT_NE(fingerprint(memo), old);
}

TEST_F(Fingerprint, AYoungFileIsNotRemembered) {
  const FingerprintMemo cautious(memo_folder, 1h);
  write("weights that somebody is still writing");
  EXPECT_EQ(chunks_read(cautious), 1);
  EXPECT_EQ(chunks_read(cautious), 1);
}

TEST_F(Fingerprint, ADamagedMemoOnlyCostsTheHashing) {
  write("weights");
  const Key right = fingerprint(memo);
  ASSERT_EQ(entries().size(), 1u);
  const auto entry = entries().front();
  std::ifstream in(entry, std::ios::binary);
  const std::string kept(std::istreambuf_iterator<char>(in), {});
  for (std::size_t byte = 0; byte < kept.size(); ++byte) {
    std::string damaged = kept;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 1);
    std::ofstream(entry, std::ios::binary | std::ios::trunc) << damaged;
    ASSERT_EQ(chunks_read(memo), 1) << "byte " << byte;
    ASSERT_EQ(fingerprint(memo), right);
  }
  for (const std::string& damaged : {std::string(), kept.substr(0, kept.size() - 1)}) {
    std::ofstream(entry, std::ios::binary | std::ios::trunc) << damaged;
    EXPECT_EQ(chunks_read(memo), 1);
  }
}

TEST_F(Fingerprint, AMemoThatCannotBeWrittenOnlyCostsTheHashing) {
  write("weights");
  const Key right = fingerprint(memo);
  std::ofstream(folder.path() / "occupied") << "a file where the folder should be";
  const FingerprintMemo unwritable(folder.path() / "occupied" / "memo", 0ms);
  EXPECT_EQ(fingerprint(unwritable), right);
  EXPECT_EQ(chunks_read(unwritable), 1);
  EXPECT_EQ(fingerprint(FingerprintMemo(std::filesystem::path(), 0ms)), right);
}

TEST_F(Fingerprint, TheMemoLeavesNoPartialFiles) {
  for (int i = 0; i < 5; ++i) {
    write(std::string(static_cast<std::size_t>(i + 1), 'w'));
    fingerprint(memo);
  }
  EXPECT_EQ(entries().size(), 1u) << "one file, one entry";
}

TEST_F(Fingerprint, SaysWhatCannotBeRead) {
  EXPECT_EQ(fingerprint_file(folder.path() / "none", memo).error().fault, Fault::not_found);
  EXPECT_EQ(fingerprint_file(folder.path(), memo).error().fault, Fault::invalid);
  write("");
  EXPECT_TRUE(fingerprint_file(file, memo));
}

}  // namespace
}  // namespace fovea
