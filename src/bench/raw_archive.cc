// The archive is hostile until it is read: it may be damaged, unpack to far more than it is, or name files
// that lead out of a folder. Only tar in xz is switched on in libarchive, so that none of its other
// readers can be reached. Nothing is written to the disk.
//
// The archive is unpacked twice. The first time its bytes are only counted: so its whole size and its
// checksums, which come behind the bytes that they prove, are known before a byte is used. That costs a tenth
// of a second for a report of ten megabytes. Sizes that headers claim are checked before memory is taken for
// them.
#include "bench/raw_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cctype>
#include <format>
#include <fstream>
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
constexpr std::size_t piece_bytes = 1 << 20;  // that are counted at once
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

using Reader = Owned<archive, archive_read_free>;

class ArchiveReading {
 public:
  ArchiveReading(const fs::path& path, const ArchiveBounds& bounds) : path_(path.string()), bounds_(bounds) {}

  Result<void> run(const TakeFile& take) {
    if (auto opened = open(archive_read_support_format_raw); !opened) return opened;
    if (auto whole = check_whole(); !whole) return whole;
    if (auto opened = open(archive_read_support_format_tar); !opened) return opened;
    for (;;) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status != ARCHIVE_OK) return damaged();
      if (auto taken = take_entry(entry, take); !taken) return taken;
    }
  }

 private:
  Result<void> open(int (*support_format)(archive*)) {
    std::error_code error;
    if (!fs::exists(path_, error)) return fail(Fault::not_found, std::format("{}: no such file", path_));
    reader_.reset(archive_read_new());
    if (!reader_ || archive_read_support_filter_xz(reader_.get()) != ARCHIVE_OK ||
        support_format(reader_.get()) != ARCHIVE_OK)
      return fail(Fault::unavailable, std::format("{}: this libarchive does not read .tar.xz", path_));
    if (!fs::is_regular_file(path_, error) || !std::ifstream(path_))
      return fail(Fault::unavailable, std::format("{}: cannot be opened; is it a file that you may read?", path_));
    // Opening reads the first bytes too, so what fails now is no archive, or a damaged one.
    return archive_read_open_filename(reader_.get(), path_.c_str(), block_bytes) == ARCHIVE_OK ? Result<void>()
                                                                                               : damaged();
  }

  // REQUIRES: opened as raw, which has one entry: all that the archive unpacks to.
  Result<void> check_whole() {
    archive_entry* entry = nullptr;
    if (archive_read_next_header(reader_.get(), &entry) != ARCHIVE_OK) return damaged();
    std::string piece(piece_bytes, '\0');
    for (;;) {
      const la_ssize_t got = archive_read_data(reader_.get(), piece.data(), piece.size());
      if (got < 0) return damaged();
      if (got == 0) return {};
      unpacked_bytes_ += static_cast<std::uint64_t>(got);
      if (unpacked_bytes_ > bounds_.bytes_max)
        return too_large(std::format("more than {} in all", format_bytes(bounds_.bytes_max)));
    }
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
    if (names_.size() > bounds_.files_max) return too_large(std::format("more than {} files", bounds_.files_max));
    const la_int64_t size = archive_entry_size(entry);
    if (std::cmp_greater(size, bounds_.file_bytes_max))
      return too_large(std::format("a file of more than {}", format_bytes(bounds_.file_bytes_max)));
    if (size < 0 || std::cmp_greater(size, unpacked_bytes_)) return damaged();
    std::string bytes(static_cast<std::size_t>(size), '\0');
    for (std::size_t have = 0; have < bytes.size();) {
      const la_ssize_t got = archive_read_data(reader_.get(), bytes.data() + have, bytes.size() - have);
      if (got <= 0) return damaged();
      have += static_cast<std::size_t>(got);
    }
    return take(name, std::move(bytes));
  }

  Result<void> damaged() const {
    return fail(Fault::corrupt,
                std::format("{}: cannot be unpacked ({}); get it again from where it came from, or remove it to use "
                            "the plain files in the folder raw beside it",
                            path_, reason()));
  }

  Result<void> too_large(const std::string& what) const {
    return fail(Fault::too_large,
                std::format("{}: holds {}; unpack what is yours of it into the folder raw beside it", path_, what));
  }

  std::string reason() const {
    const char* text = reader_ ? archive_error_string(reader_.get()) : nullptr;
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
  const ArchiveBounds bounds_;
  Reader reader_;
  std::set<std::string> names_;
  std::uint64_t unpacked_bytes_ = 0;  // all of it
};

}  // namespace

Result<void> read_raw_archive(const fs::path& path, const TakeFile& take, const ArchiveBounds& bounds) {
  return ArchiveReading(path, bounds).run(take);
}

}  // namespace fovea
