// The archive is hostile until it is read: it may be damaged, unpack to far more than it is, or name files that lead
// out of a folder. Only tar in xz is switched on in libarchive, so that none of its other forty readers can be
// reached. Nothing is written to the disk. Sizes that headers claim are checked before memory is taken, and again as
// bytes come, since a header may lie.
#include "bench/raw_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cctype>
#include <format>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/owned.h"
#include "base/units.h"

namespace fovea {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = 1 << 16;  // of one read of the file
constexpr std::size_t piece_bytes = 1 << 20;  // by which a file's bytes grow
constexpr std::string_view folder = "raw/", ending = ".jsonl";

// The file's name in the folder raw; empty where the entry's path is not that of a file of raw results.
std::string_view name_in(std::string_view path) {
  if (!path.starts_with(folder) || !path.ends_with(ending)) return {};
  const std::string_view name = path.substr(folder.size());
  if (name.size() <= ending.size()) return {};
  const std::string_view stem = name.substr(0, name.size() - ending.size());
  const auto is_allowed = [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-'); };
  return std::ranges::all_of(stem, is_allowed) ? name : std::string_view();
}

class ArchiveReading {
 public:
  explicit ArchiveReading(const fs::path& path) : path_(path.string()), archive_(archive_read_new()) {}

  Result<void> run(const TakeFile& take) {
    if (auto opened = open(); !opened) return opened;
    for (;;) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status != ARCHIVE_OK) return damaged();
      if (auto taken = take_entry(entry, take); !taken) return taken;
    }
  }

 private:
  Result<void> open() {
    std::error_code error;
    if (!fs::exists(path_, error)) return fail(Fault::not_found, std::format("{}: no such file", path_));
    if (!archive_ || archive_read_support_filter_xz(archive_.get()) != ARCHIVE_OK ||
        archive_read_support_format_tar(archive_.get()) != ARCHIVE_OK)
      return fail(Fault::unavailable, std::format("{}: this libarchive does not read .tar.xz", path_));
    if (archive_read_open_filename(archive_.get(), path_.c_str(), block_bytes) != ARCHIVE_OK)
      return fail(Fault::unavailable, std::format("{}: cannot be opened: {}", path_, reason()));
    return {};
  }

  Result<void> take_entry(archive_entry* entry, const TakeFile& take) {
    const char* path = archive_entry_pathname(entry);
    const auto type = archive_entry_filetype(entry);
    if (path != nullptr && type == AE_IFDIR && path == folder) return {};
    const std::string name(path != nullptr && type == AE_IFREG && archive_entry_hardlink(entry) == nullptr
                               ? name_in(path)
                               : std::string_view());
    if (name.empty())
      return fail(Fault::invalid, std::format("{}: holds {}, which is no raw/NAME.jsonl; pack the folder raw alone",
                                              path_, printable(path)));
    if (!names_.insert(name).second) return fail(Fault::invalid, std::format("{}: holds {} twice", path_, name));
    if (names_.size() > archive_files_max)
      return fail(Fault::too_large, std::format("{}: holds more than {} files", path_, archive_files_max));
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > static_cast<la_int64_t>(archive_file_bytes_max))
      return too_large(name);
    auto bytes = read(name);
    if (!bytes) return std::unexpected(bytes.error());
    return take(name, std::move(*bytes));
  }

  Result<std::string> read(const std::string& name) {
    std::string bytes;
    for (;;) {
      const std::size_t have = bytes.size();
      bytes.resize(have + piece_bytes);
      const la_ssize_t got = archive_read_data(archive_.get(), bytes.data() + have, piece_bytes);
      bytes.resize(have + static_cast<std::size_t>(std::max<la_ssize_t>(got, 0)));
      if (got < 0) return std::unexpected(damaged().error());
      if (got == 0) return bytes;
      total_bytes_ += static_cast<std::uint64_t>(got);
      if (bytes.size() > archive_file_bytes_max || total_bytes_ > archive_bytes_max)
        return std::unexpected(too_large(name).error());
    }
  }

  Result<void> damaged() const {
    return fail(Fault::corrupt,
                std::format("{}: cannot be unpacked ({}); get it again from where it came from, or remove it to use "
                            "the plain files in the folder raw beside it",
                            path_, reason()));
  }

  Result<void> too_large(const std::string& name) const {
    return fail(Fault::too_large,
                std::format("{}: {} makes it larger than {} for a file, or {} in all; unpack what is yours of it into "
                            "the folder raw beside it",
                            path_, name, format_bytes(archive_file_bytes_max), format_bytes(archive_bytes_max)));
  }

  std::string reason() const {
    const char* text = archive_ ? archive_error_string(archive_.get()) : nullptr;
    return text != nullptr ? printable(text) : "no reason given";
  }

  // Text of the archive's, as a terminal may be shown it.
  static std::string printable(const char* text) {
    constexpr std::size_t shown_max = 200;
    std::string plain(std::string_view(text != nullptr ? text : "an entry without a name").substr(0, shown_max));
    std::ranges::replace_if(plain, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return plain;
  }

  const std::string path_;
  const Owned<archive, archive_read_free> archive_;
  std::set<std::string> names_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace

Result<void> read_raw_archive(const fs::path& path, const TakeFile& take) { return ArchiveReading(path).run(take); }

}  // namespace fovea
