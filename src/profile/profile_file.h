// A profile as a file: JSON, with its version in the first field.
//
// What is read is checked: whoever gets a Profile from here may divide by what it says. Functions are
// thread-safe; the caller owns the profile.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/key.h"
#include "fovea/result.h"
#include "profile/profile.h"

namespace fovea {

// The profile as one line of JSON.
std::string to_json(const Profile& profile);

// The profile that a JSON document describes. Errors call the document `name`.
// Faults: invalid (no profile, or a number out of its range), unsupported (another version).
Result<Profile> parse_profile(std::string_view json, const std::string& name);

// The profile in the file `path`. Faults: as above, not_found, unavailable (cannot be read), too_large.
Result<Profile> read_profile(const std::filesystem::path& path);

// Whether a profile may be written there: into a folder that exists, in place of nothing or of a regular
// file. Whatever else is there (a device, a pipe, a folder) stays. Faults: invalid.
Result<void> check_profile_target(const std::filesystem::path& path);

// Writes it in place of any other, whole or not at all. Faults: those of check_profile_target, unavailable.
Result<void> write_profile(const Profile& profile, const std::filesystem::path& path);

// Where a profile lies unless somebody says otherwise: fovea/profiles/NAME.json in the user's cache folder
// ($XDG_CACHE_HOME or ~/.cache); nullopt where there is none.
std::optional<std::filesystem::path> profile_path(const std::string& model_name);

// The model of the profile with these fingerprints; null where it has none.
const ModelTimes* find_model(const Profile& profile, const Key& vision_fingerprint, const Key& text_fingerprint);

}  // namespace fovea
