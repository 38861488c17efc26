// audit_line: an AuditedRequest as a line of JSON, which read_log reads again. It is what `fovea serve
// --audit` writes. A pure function.
#pragma once

#include <string>

#include "audit/audited_request.h"

namespace fovea {

// Of the lines that are written; one of another version is not read.
inline constexpr int audit_line_version = 1;

// One line with its end. Hashes are 16 hexadecimal digits, and what a request does not have is left out:
//
//   {"fovea_audit":1,"time_ms":1796000000000,"client":"shop","route":"/v1/chat/completions","model":"m",
//    "settings":"..","deterministic":true,"status":200,"prompt_tokens":900,"cached_tokens":0,
//    "answer_tokens":20,"duration_ms":812.5,"first_token_ms":300,"parts":[
//     {"kind":"text","role":"system","message":0,"bytes":300,"hash":"..","masked":"..","variables":2,
//      "variable_at":12,"prefixes":[".."]},
//     {"kind":"image","role":"user","message":1,"bytes":4821,"hash":"..","picture":{"format":"PNG",
//      "detail":"high","width":640,"height":480,"image":"..","look":"..","tiles":["..",".."]}},
//     {"kind":"image","role":"user","message":1,"hash":"..","masked":"..","picture":{"by_url":true}}]}
std::string audit_line(const AuditedRequest& request);

}  // namespace fovea
