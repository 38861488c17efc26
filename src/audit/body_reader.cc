#include "audit/body_reader.h"

#include "audit/log/client_name.h"
#include "audit/log/entry/entry_reader.h"
#include "audit/log/entry/request_body.h"
#include "audit/log/log_run.h"

namespace fovea {

namespace {

constexpr std::size_t long_bytes = 1 << 20;

}  // namespace

class BodyReader::Parts {
 public:
  explicit Parts(BodyOptions options)
      : pictures({.folder = {}, .decode = options.decode, .decoded_max = options.decoded_max}), json(pictures) {}

  PictureReader pictures;
  EntryReader json;
};

BodyReader::BodyReader(BodyOptions options) : parts_(std::make_unique<Parts>(options)) {}
BodyReader::~BodyReader() = default;
BodyReader::BodyReader(BodyReader&&) noexcept = default;
BodyReader& BodyReader::operator=(BodyReader&&) noexcept = default;

Result<void> BodyReader::read(std::string_view route, std::string_view body, AuditedRequest& request) {
  clear(request);
  const auto fields = parts_->json.parsed(body);
  if (!fields) return fail(Fault::invalid, "the body is no JSON object");
  request.route = route_name(route);
  auto read = read_request_body(*fields, parts_->pictures, request);
  // What parsing a long body took is given back now: the next body may be hours away.
  if (body.size() > long_bytes) parts_->json.parsed("{}");
  return read;
}

}  // namespace fovea
