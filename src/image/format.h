// Format: the image formats that Fovea reads, recognised by their first bytes. Pure functions; thread-safe.
//
// No library guesses the format: bytes without one of these signatures reach no decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

enum class Format : std::uint8_t { none, jpeg, png, webp, gif, heif, tiff, bmp, tga, pnm, psd };

// The format whose signature `source` starts with, or none. Thread-safe.
Format format_of(std::span<const std::byte> source);

// As people write it: "JPEG". HEIC and AVIF share a container and one name. REQUIRES: not none.
std::string_view to_string(Format format);

// As HTTP writes it: "image/jpeg".
std::string_view media_type(Format format);

// All of them, for error messages.
inline constexpr std::string_view formats_read = "JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF, BMP, TGA, PNM, PSD";

}  // namespace fovea
