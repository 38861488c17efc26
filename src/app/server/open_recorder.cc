#include "app/server/open_recorder.h"

#include <string_view>
#include <utility>

#include "audit/audit_line.h"
#include "audit/body_reader.h"
#include "base/units.h"

namespace fovea::app {

Result<std::unique_ptr<serve::TrafficRecorder>> open_recorder(const ServeFlags& flags) {
  if (flags.audit.empty()) return nullptr;
  const auto bytes_max = parse_bytes(flags.audit_size);
  if (!bytes_max) return fail(Fault::invalid, "--audit-size: " + bytes_max.error().message);
  auto reader = std::make_shared<BodyReader>();
  serve::TrafficRecorder::Forms forms{
      .read = [reader](std::string_view route, std::string_view body,
                       AuditedRequest& request) { return reader->read(route, body, request).has_value(); },
      .line = audit_line};
  auto opened = serve::TrafficRecorder::open({.folder = flags.audit, .bytes_max = *bytes_max}, std::move(forms));
  if (!opened) return fail(opened.error().fault, "--audit: " + opened.error().message);
  return opened;
}

}  // namespace fovea::app
