// Archives for tests: as tar and xz make them, and with entries that no honest tool would pack.
// Single-threaded.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/owned.h"

namespace fovea {

struct PackedEntry {
  std::string path;
  std::string bytes;
  unsigned type = AE_IFREG;
  std::string link = {};  // the target of a hard or symbolic link
};

// Writes `entries` to the file `path` as a .tar.xz.
inline void pack(const std::filesystem::path& path, const std::vector<PackedEntry>& entries) {
  const Owned<archive, archive_write_free> out(archive_write_new());
  ASSERT_EQ(archive_write_add_filter_xz(out.get()), ARCHIVE_OK);
  ASSERT_EQ(archive_write_set_options(out.get(), "xz:compression-level=0"), ARCHIVE_OK);
  ASSERT_EQ(archive_write_set_format_ustar(out.get()), ARCHIVE_OK);
  ASSERT_EQ(archive_write_open_filename(out.get(), path.c_str()), ARCHIVE_OK);
  for (const PackedEntry& each : entries) {
    const Owned<archive_entry, archive_entry_free> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), each.path.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(each.bytes.size()));
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_filetype(entry.get(), each.type);
    if (each.type == AE_IFLNK) archive_entry_set_symlink(entry.get(), each.link.c_str());
    if (each.type == AE_IFREG && !each.link.empty()) archive_entry_set_hardlink(entry.get(), each.link.c_str());
    ASSERT_EQ(archive_write_header(out.get(), entry.get()), ARCHIVE_OK) << each.path;
    if (each.bytes.empty()) continue;
    ASSERT_EQ(archive_write_data(out.get(), each.bytes.data(), each.bytes.size()),
              static_cast<la_ssize_t>(each.bytes.size()));
  }
  ASSERT_EQ(archive_write_close(out.get()), ARCHIVE_OK);
}

// Writes `bytes` to the file `path` as .xz, whatever they are.
inline void pack_bytes(const std::filesystem::path& path, const std::string& bytes) {
  const Owned<archive, archive_write_free> out(archive_write_new());
  ASSERT_EQ(archive_write_add_filter_xz(out.get()), ARCHIVE_OK);
  ASSERT_EQ(archive_write_set_format_raw(out.get()), ARCHIVE_OK);
  ASSERT_EQ(archive_write_open_filename(out.get(), path.c_str()), ARCHIVE_OK);
  const Owned<archive_entry, archive_entry_free> entry(archive_entry_new());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  ASSERT_EQ(archive_write_header(out.get(), entry.get()), ARCHIVE_OK);
  ASSERT_EQ(archive_write_data(out.get(), bytes.data(), bytes.size()), static_cast<la_ssize_t>(bytes.size()));
  ASSERT_EQ(archive_write_close(out.get()), ARCHIVE_OK);
}

// What the .xz file `path` unpacks to.
inline std::string unpacked(const std::filesystem::path& path) {
  const Owned<archive, archive_read_free> in(archive_read_new());
  archive_read_support_filter_xz(in.get());
  archive_read_support_format_raw(in.get());
  archive_entry* entry = nullptr;
  EXPECT_EQ(archive_read_open_filename(in.get(), path.c_str(), 1 << 16), ARCHIVE_OK);
  EXPECT_EQ(archive_read_next_header(in.get(), &entry), ARCHIVE_OK);
  std::string bytes, piece(1 << 16, '\0');
  for (la_ssize_t got = 0; (got = archive_read_data(in.get(), piece.data(), piece.size())) > 0;)
    bytes.append(piece, 0, static_cast<std::size_t>(got));
  return bytes;
}

// A folder of one test, removed at its end.
class TestFolder {
 public:
  explicit TestFolder(const std::string& name)
      : path_(testing::TempDir() + "/fovea-" + name + "-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

}  // namespace fovea
