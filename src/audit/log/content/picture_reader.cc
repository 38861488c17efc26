// A path leads only to files below the folder that the person named: it is followed through links first, and
// then compared. What a path led to is remembered, since question sets ask about a picture many times. A file
// that changes while the log is read is none of our business.
//
// Decoding is what costs, some 10 ms a megapixel: each file is decoded once, and no more than decoded_max.
#include "audit/log/content/picture_reader.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

#include "audit/log/content/content_hash.h"
#include "audit/log/content/picture_pixels.h"
#include "audit/log/content/picture_size.h"
#include "base/percent.h"
#include "image/data_url.h"
#include "image/decode.h"

namespace fovea {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t file_bytes_max = DecodeLimits{}.source_bytes_max;
constexpr std::size_t facts_max = 1 << 16;  // of each generation; some 100 B, and 8 B a tile
constexpr std::size_t paths_max = 1 << 20;  // 32 MiB

bool is_address(std::string_view name) { return name.starts_with("http://") || name.starts_with("https://"); }

std::string_view without_query(std::string_view name) { return name.substr(0, name.find_first_of("?#")); }

AuditedPicture by_name(std::string_view name) {
  return {.source_hash = content_hash(ContentKind::address, name), .by_url = true};
}

std::optional<std::vector<std::byte>> bytes_of_file(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > file_bytes_max || !fs::is_regular_file(path, error)) return std::nullopt;
  std::vector<std::byte> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

}  // namespace

PictureReader::PictureReader(PictureOptions options) : options_(std::move(options)) {
  std::error_code error;
  if (!options_.folder.empty()) folder_ = fs::canonical(options_.folder, error);
}

void PictureReader::add(std::string_view name, PictureDetail detail, PartPlace place, AuditedRequest& request) {
  AuditedPicture picture = of_name(name, request);
  picture.detail = detail;
  const std::string_view shorter = without_query(name);
  const bool masked = picture.by_url && shorter.size() < name.size();
  append(picture, masked ? content_hash(ContentKind::address, shorter) : picture.source_hash, place, request);
}

void PictureReader::add_base64(std::string_view base64, PartPlace place, AuditedRequest& request) {
  const auto source = decode_base64(base64, file_bytes_max);
  const AuditedPicture picture = source ? of_source(source->bytes(), request) : of_broken(base64);
  append(picture, picture.source_hash, place, request);
}

AuditedPicture PictureReader::of_name(std::string_view name, AuditedRequest& request) {
  constexpr std::string_view file_scheme = "file://";
  if (is_data_url(name)) {
    const auto source = decode_data_url(name, file_bytes_max);
    return source ? of_source(source->bytes(), request) : of_broken(name);
  }
  if (is_address(name) || folder_.empty()) return by_name(name);
  if (!name.starts_with(file_scheme)) return of_path(name, name, request);
  return of_path(percent_decoded(name.substr(file_scheme.size())).text, name, request);
}

AuditedPicture PictureReader::of_path(std::string_view path, std::string_view name, AuditedRequest& request) {
  const std::uint64_t path_hash = content_hash(ContentKind::address, path);
  if (const auto place = paths_.find(path_hash); place != paths_.end()) {
    if (const Facts* facts = known(place->second)) return of_facts(place->second, *facts, request);
  }
  const auto below = path_below_folder(path);
  const auto bytes = below ? bytes_of_file(*below) : std::nullopt;
  if (!bytes) return by_name(name);
  if (paths_.size() >= paths_max) paths_.clear();
  const AuditedPicture picture = of_source(*bytes, request);
  paths_[path_hash] = picture.source_hash;
  return picture;
}

std::optional<fs::path> PictureReader::path_below_folder(std::string_view path) const {
  if (path.empty() || path.contains('\0')) return std::nullopt;
  std::error_code error;
  const fs::path whole = fs::canonical(folder_ / fs::path(path), error);  // an absolute path stays one
  if (error) return std::nullopt;
  const auto [end, unused] = std::ranges::mismatch(folder_, whole);
  return end == folder_.end() ? std::optional(whole) : std::nullopt;
}

AuditedPicture PictureReader::of_broken(std::string_view encoded) {
  ++counts_.undecodable;
  const auto bytes = static_cast<std::uint32_t>(
      std::min<std::size_t>(encoded.size() / 4 * 3, std::numeric_limits<std::uint32_t>::max()));
  return {.source_hash = content_hash(ContentKind::source, encoded), .bytes = bytes};
}

AuditedPicture PictureReader::of_source(std::span<const std::byte> source, AuditedRequest& request) {
  const std::uint64_t hash = content_hash(ContentKind::source, source);
  return of_facts(hash, facts_of(hash, source), request);
}

AuditedPicture PictureReader::of_facts(std::uint64_t source_hash, const Facts& facts, AuditedRequest& request) {
  if (facts.undecodable) {
    ++counts_.undecodable;
  } else if (!facts.decoded) {
    ++counts_.undecoded;
  }
  const auto tiles_begin = static_cast<std::uint32_t>(request.tile_hashes.size());
  request.tile_hashes.insert(request.tile_hashes.end(), facts.tiles.begin(), facts.tiles.end());
  return {.source_hash = source_hash,
          .format = facts.format,
          .bytes = facts.bytes,
          .width = facts.width,
          .height = facts.height,
          .image_hash = facts.image_hash,
          .look = facts.look,
          .tiles = static_cast<std::uint32_t>(facts.tiles.size()),
          .tiles_begin = tiles_begin};
}

const PictureReader::Facts* PictureReader::known(std::uint64_t source_hash) {
  if (const auto place = recent_.find(source_hash); place != recent_.end()) return &place->second;
  auto node = older_.extract(source_hash);
  if (!node) return nullptr;
  return &recent_.insert(std::move(node)).position->second;
}

const PictureReader::Facts& PictureReader::facts_of(std::uint64_t source_hash, std::span<const std::byte> source) {
  if (const Facts* facts = known(source_hash)) return *facts;
  if (recent_.size() >= facts_max) {
    older_ = std::move(recent_);
    recent_.clear();
  }
  Facts& facts = recent_[source_hash];
  facts.format = format_of(source);
  facts.bytes = static_cast<std::uint32_t>(source.size());  // file_bytes_max at most
  if (const auto size = picture_size(source)) {
    facts.width = size->width;
    facts.height = size->height;
  }
  if (facts.format == Format::none) {
    facts.undecodable = true;
  } else if (options_.decode && decodes_ < options_.decoded_max) {
    decode_into(facts, source);
  }
  return facts;
}

void PictureReader::decode_into(Facts& facts, std::span<const std::byte> source) {
  ++decodes_;
  const auto image = decode(source);
  if (!image) {
    facts.undecodable = true;
    return;
  }
  facts.decoded = true;
  facts.width = image->width;
  facts.height = image->height;
  facts.image_hash = image_key(*image).bits();
  facts.look = picture_look(*image);
  facts.tiles = tile_hashes(*image);
}

void PictureReader::append(const AuditedPicture& picture, std::uint64_t masked_hash, PartPlace place,
                           AuditedRequest& request) {
  request.parts.push_back({.kind = PartKind::image,
                           .role = place.role,
                           .message = place.message,
                           .bytes = picture.bytes,
                           .variable_at = picture.bytes,
                           .picture = static_cast<std::uint32_t>(request.pictures.size()),
                           .hash = picture.source_hash,
                           .masked_hash = masked_hash});
  request.pictures.push_back(picture);
}

}  // namespace fovea
