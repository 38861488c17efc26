#include "cluster/file/named_file.h"

#include <algorithm>
#include <format>
#include <system_error>
#include <vector>

namespace fovea {

namespace {

std::filesystem::path file_of(const std::string& name, const char* kind, const FleetFolders& folders) {
  if (name.contains('/') || name.ends_with(".json")) return folders.own / name;
  return folders.samples / kind / (name + ".json");
}

}  // namespace

Result<std::filesystem::path> named_file(const std::string& name, const char* kind, const FleetFolders& folders) {
  std::filesystem::path path = file_of(name, kind, folders);
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folders.samples / kind, ignored))
    names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  std::string list;
  for (const std::string& each : names) list += (list.empty() ? "" : ", ") + each;
  return fail(Fault::not_found, std::format("there is no {}; the bundled {} are {}; a file is named as ./mine.json",
                                            path.string(), kind, list.empty() ? "missing" : list));
}

}  // namespace fovea
