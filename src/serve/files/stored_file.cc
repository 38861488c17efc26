// A file's purpose stands in the record's shape and not in its payload: so files of versions that knew no
// purposes are still read, as files for vision.
#include "serve/files/stored_file.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include "store/byte_io.h"

namespace fovea::serve {

namespace {

// A file was not computed, and who asks about it cannot send it again. So its cost is what sending it would
// take a client: a second, and a second more for each MB. That is more than any tier takes that is of use, so
// a file is always written and always looked for. And it is no more than that: on a full disk a file counts
// about as much for each of its bytes as the embeddings beside it, so that uploads do not take all of the
// disk.
double cost_ms_of(std::size_t bytes) { return 1000 + static_cast<double>(bytes) / 1000; }

}  // namespace

std::string_view to_string(FilePurpose purpose) { return purpose == FilePurpose::vision ? "vision" : "user_data"; }

Key StoredFile::key_of(std::string_view tenant, std::string_view id) {
  return KeyBuilder("fovea/file/1").field(tenant).field(id).finish();
}

Key StoredFile::scope_of(std::string_view tenant) { return KeyBuilder("fovea/file-scope/1").field(tenant).finish(); }

Blob StoredFile::record() const {
  ByteWriter head;
  head.f64(created_unix_s).f64(expires_unix_s).text(name);
  const RecordHeader header{.kind = RecordKind::file,
                            .scope = scope_of(tenant),
                            .cost_ms = cost_ms_of(bytes.size()),
                            .made_unix_ms = created_unix_s * 1000,
                            .shape = {static_cast<std::uint32_t>(purpose)}};
  return encode_record(header, head.written().size() + bytes.size(), [&](std::span<std::byte> payload) {
    const auto behind = std::ranges::copy(head.written(), payload.begin()).out;
    std::ranges::copy(bytes.bytes(), behind);
  });
}

std::optional<StoredFile> StoredFile::from_record(const Record& record, std::string_view tenant, std::string_view id) {
  const std::span<const std::byte> payload = record.payload.bytes();
  ByteReader in(payload);
  StoredFile file{.id = std::string(id), .tenant = std::string(tenant)};
  file.created_unix_s = in.f64();
  file.expires_unix_s = in.f64();
  const std::string_view name = in.text();
  if (!in.ok() || !std::isfinite(file.created_unix_s) || !std::isfinite(file.expires_unix_s)) return std::nullopt;
  file.name = name;
  if (record.header.shape[0] == static_cast<std::uint32_t>(FilePurpose::user_data))
    file.purpose = FilePurpose::user_data;
  const std::size_t head_bytes = 2 * sizeof(double) + sizeof(std::uint32_t) + name.size();
  file.bytes = Blob::sharing(std::make_shared<const Blob>(record.payload), payload.subspan(head_bytes));
  return file;
}

}  // namespace fovea::serve
