// StoredFile: an image that somebody uploaded, and the record that it is in a tier (docs/format.md). A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "store/record.h"

namespace fovea::serve {

// What the client uploaded it for: nothing else depends on it. The numbers are in the format.
enum class FilePurpose : std::uint8_t { vision = 0, user_data = 1 };

// As OpenAI writes it: "user_data".
std::string_view to_string(FilePurpose purpose);

// What the client says about a file that it uploads.
struct FileTerms {
  FilePurpose purpose = FilePurpose::vision;
  std::optional<double> ttl_s = std::nullopt;  // it shall be there for so long, and no longer
};

struct StoredFile {
  std::string id;
  std::string tenant;
  std::string name;  // the client's name for it, for people only
  Blob bytes;
  double created_unix_s = 0;
  double expires_unix_s = 0;
  FilePurpose purpose = FilePurpose::vision;

  // Under which a tier has it: who does not know both the tenant and the id does not find it.
  static Key key_of(std::string_view tenant, std::string_view id);
  // Whose records these are. No other kind of record has this scope.
  static Key scope_of(std::string_view tenant);

  Blob record() const;
  // The file that `record` holds; nullopt where its payload is not what record() writes.
  static std::optional<StoredFile> from_record(const Record& record, std::string_view tenant, std::string_view id);
};

}  // namespace fovea::serve
