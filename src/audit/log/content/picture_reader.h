// PictureReader: makes an AuditedPicture of what a request has in a picture's place: a data: URL, an address,
// a path, or bytes.
//
// A file's bytes are hashed each time, and decoded once: what is known of files is remembered, in bounded
// memory. Addresses are never asked. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/audited_request.h"
#include "audit/log/content/prompt_parts.h"

namespace fovea {

struct PictureOptions {
  std::string folder;  // pictures that are named by path are looked for below it; empty: none is opened
  bool decode = true;
  std::uint32_t decoded_max = 20'000;
};

// Of all pictures so far whose bytes were there, each time they came.
struct PictureCounts {
  std::uint64_t undecoded = 0;    // over decoded_max, or decode is off
  std::uint64_t undecodable = 0;  // no picture, damaged or too large
};

class PictureReader {
 public:
  explicit PictureReader(PictureOptions options);

  // Appends a part and a picture to `request`. REQUIRES: it has fewer than pictures_max.
  // `name`: a data: URL, an http(s) address, a file:// URL, a path, or an id of an uploaded file.
  void add(std::string_view name, PictureDetail detail, PartPlace place, AuditedRequest& request);
  // The base64 of a file, as Messages has it.
  void add_base64(std::string_view base64, PartPlace place, AuditedRequest& request);

  const PictureCounts& counts() const { return counts_; }

 private:
  // What is known of a file, besides its bytes' hash.
  struct Facts {
    Format format = Format::none;
    std::uint32_t bytes = 0, width = 0, height = 0;
    bool decoded = false, undecodable = false;
    std::optional<std::uint64_t> image_hash, look;
    std::vector<std::uint64_t> tiles;
  };

  AuditedPicture of_name(std::string_view name, AuditedRequest& request);
  AuditedPicture of_path(std::string_view path, std::string_view name, AuditedRequest& request);
  AuditedPicture of_source(std::span<const std::byte> source, AuditedRequest& request);
  AuditedPicture of_facts(std::uint64_t source_hash, const Facts& facts, AuditedRequest& request);
  AuditedPicture of_broken(std::string_view encoded);
  const Facts& facts_of(std::uint64_t source_hash, std::span<const std::byte> source);
  const Facts* known(std::uint64_t source_hash);
  void decode_into(Facts& facts, std::span<const std::byte> source);
  std::optional<std::filesystem::path> path_below_folder(std::string_view path) const;
  static void append(const AuditedPicture& picture, std::uint64_t masked_hash, PartPlace place,
                     AuditedRequest& request);

  const PictureOptions options_;
  std::filesystem::path folder_;  // without links; empty: none is opened
  // Files by the hash of their bytes: those of late, and those before, which are forgotten next.
  std::unordered_map<std::uint64_t, Facts> recent_, older_;
  std::unordered_map<std::uint64_t, std::uint64_t> paths_;  // the hash of a path: of the file's bytes there
  std::uint32_t decodes_ = 0;
  PictureCounts counts_;
};

}  // namespace fovea
