// A profile is read once, however many classes name it. Classes whose profiles have the same fingerprints
// have the same kernels, so they find each other's entries, as servers do.
#include "cluster/file/node_fields.h"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

#include "cluster/file/field_checks.h"
#include "profile/profile_file.h"
#include "store/lane/tier_lane.h"
#include "store/record.h"

namespace fovea::fleet_json {

namespace {

constexpr std::size_t classes_max = 64;
constexpr std::uint32_t parallel_max = 256;
constexpr std::uint32_t requests_max = 1'000'000;

// Reads the profiles of a fleet, each once.
class Devices {
 public:
  explicit Devices(const FleetFolders& folders) : folders_(folders) {}

  // Fills what the profile says of a node: times, disk.
  Result<void> equip(NodeClass& node, const std::string& model) {
    const auto profile = find(node.device);
    if (!profile) return wrong("\"device\"", profile.error());
    const auto& models = (*profile)->models;
    const auto chosen = model.empty() ? models.begin() : std::ranges::find(models, model, &ModelTimes::name);
    if (chosen == models.end())
      return fail(Fault::invalid, std::format("\"model\": the profile {} has no model {}: it has {}", node.device,
                                              model, models.front().name));
    node.times = *chosen;
    node.disk = {.kind = std::string(to_string(TierKind::disk)),
                 .wait_ms = disk_transfer.wait_ms,
                 .bytes_per_ms = disk_transfer.bytes_per_ms,
                 .write_bytes_per_ms = disk_transfer.bytes_per_ms};
    for (const TierTime& tier : (*profile)->tiers)
      if (tier.kind == node.disk.kind) node.disk = tier;
    node.kernels = kernels_of(node.times);
    return {};
  }

 private:
  Result<const Profile*> find(const std::string& device) {
    if (device.empty()) return fail(Fault::invalid, "is missing: name one of samples/devices, or a profile's file");
    const auto path = named_file(device, "devices", folders_);
    if (!path) return std::unexpected(path.error());
    const auto known = profiles_.find(*path);
    if (known != profiles_.end()) return &known->second;
    auto profile = read_profile(*path);
    if (!profile) return std::unexpected(profile.error());
    return &profiles_.emplace(*path, std::move(*profile)).first->second;
  }

  std::uint32_t kernels_of(const ModelTimes& times) {
    const auto next = static_cast<std::uint32_t>(kernels_.size());
    return kernels_.try_emplace({times.vision_fingerprint, times.text_fingerprint}, next).first->second;
  }

  const FleetFolders& folders_;
  std::map<std::filesystem::path, Profile> profiles_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> kernels_;
};

Result<NodeClass> node_class(const Nodes& nodes, Devices& devices) {
  NodeClass node{.name = nodes.name, .device = nodes.device, .times = {}, .disk = {}, .rack = nodes.rack};
  if (!is_name(nodes.name)) return fail(Fault::invalid, "\"name\" must be letters, digits and dashes");
  if (nodes.count < 1 || nodes.count > nodes_max) return fail(Fault::invalid, "\"count\" must be 1 to 4,096");
  if (nodes.parallel < 1 || nodes.parallel > parallel_max) return fail(Fault::invalid, "\"parallel\" must be 1 to 256");
  node.count = nodes.count;
  node.parallel = nodes.parallel;
  if (nodes.max_requests < 1 || nodes.max_requests > requests_max)
    return fail(Fault::invalid, "\"max_requests\" must be 1 to 1,000,000");
  node.requests_max = nodes.max_requests;
  const auto memory = size_of("memory", nodes.memory);
  if (!memory) return std::unexpected(memory.error());
  node.memory_bytes = *memory;
  if (!nodes.disk.empty()) {
    const auto disk = size_of("disk", nodes.disk);
    if (!disk) return std::unexpected(disk.error());
    node.disk_bytes = *disk;
  }
  const auto policy = policy_kind_of(nodes.policy);
  if (!policy) return wrong("\"policy\"", policy.error());
  node.policy = *policy;
  const auto link = link_of(nodes.link);
  if (!link) return std::unexpected(link.error());
  node.link = *link;
  if (const auto equipped = devices.equip(node, nodes.model); !equipped) return std::unexpected(equipped.error());
  return node;
}

}  // namespace

Result<std::vector<NodeClass>> node_classes(const Document& document, const FleetFolders& folders) {
  if (document.nodes.empty() || document.nodes.size() > classes_max)
    return fail(Fault::invalid, "\"nodes\" must be a list of 1 to 64 classes of nodes");
  Devices devices(folders);
  std::vector<NodeClass> classes;
  std::uint32_t count = 0;
  for (const Nodes& nodes : document.nodes) {
    const std::string where = std::format("\"nodes\" \"{}\"", nodes.name);
    auto node = node_class(nodes, devices);
    if (!node) return wrong(where, node.error());
    if (std::ranges::contains(classes, node->name, &NodeClass::name)) return wrong(where, "there are two of this name");
    if (document.share_across_devices) node->kernels = 0;
    count += node->count;
    classes.push_back(std::move(*node));
  }
  if (count > nodes_max) return fail(Fault::invalid, std::format("\"nodes\": {} nodes, and 4,096 are the most", count));
  return classes;
}

}  // namespace fovea::fleet_json
