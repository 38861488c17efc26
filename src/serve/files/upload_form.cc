// A nested field of OpenAI's API is a field of the form with its member in brackets: expires_after[seconds].
#include "serve/files/upload_form.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace {

constexpr std::size_t name_bytes_max = 256;             // names are for people only
constexpr std::uint32_t seconds_max = 30 * 24 * 3'600;  // OpenAI's

std::optional<std::string_view> field_in(std::span<const FormField> fields, std::string_view name) {
  const auto field = std::ranges::find(fields, name, &FormField::name);
  return field == fields.end() ? std::nullopt : std::optional(field->bytes);
}

Parsed<FilePurpose> read_purpose(std::span<const FormField> fields) {
  const std::string_view purpose = field_in(fields, "purpose").value_or("user_data");
  if (purpose == "user_data") return FilePurpose::user_data;
  if (purpose == "vision") return FilePurpose::vision;
  return refuse("purpose", "purpose must be vision or user_data: only what a question can be about is kept here");
}

// For how long the client wants the file; nullopt where it says nothing.
Parsed<std::optional<double>> read_expiry(std::span<const FormField> fields) {
  const auto anchor = field_in(fields, "expires_after[anchor]"), text = field_in(fields, "expires_after[seconds]");
  if (field_in(fields, "expires_after"))
    return refuse("expires_after", "expires_after is two fields of the form: expires_after[anchor] and [seconds]");
  if (!anchor && !text) return std::nullopt;
  if (anchor != "created_at") return refuse("expires_after", "expires_after[anchor] must be created_at");
  std::uint32_t seconds = 0;
  const std::string_view digits = text.value_or("");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc() || end != digits.data() + digits.size() || seconds == 0 || seconds > seconds_max)
    return refuse("expires_after", std::format("expires_after[seconds] must be a number from 1 to {}", seconds_max));
  return seconds;
}

}  // namespace

Parsed<Upload> read_upload(const Exchange& exchange, std::uint64_t bytes_max) {
  const std::vector<FormField> fields = exchange.form();
  const auto file = std::ranges::find(fields, "file", &FormField::name);
  if (file == fields.end())
    return refuse("file", "no file: send a multipart/form-data body with the fields purpose and file",
                  "missing_required_parameter");
  const auto purpose = read_purpose(fields);
  if (!purpose) return std::unexpected(purpose.error());
  const auto expiry = read_expiry(fields);
  if (!expiry) return std::unexpected(expiry.error());
  if (file->bytes.size() > bytes_max) {
    return std::unexpected(Refusal{413,
                                   std::format("a file of {} is over the limit of {}: send a smaller one",
                                               format_bytes(file->bytes.size()), format_bytes(bytes_max)),
                                   "file", "too_large"});
  }
  return Upload{valid_text(file->file_name.substr(0, name_bytes_max)),
                Blob::copy_of(file->bytes),
                {.purpose = *purpose, .ttl_s = *expiry}};
}

}  // namespace fovea::serve
