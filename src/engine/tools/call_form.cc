// One table a form. A pattern that is read but not written stands behind the one that is.
#include "engine/tools/call_form.h"

#include <array>

namespace fovea {

namespace {

template <std::size_t count>
using Array = std::array<CallPattern, count>;

// Some models name the arguments as another form does. Both are read; the first is written.
constexpr Array<2> hermes_first = {R"(<tool_call> { "name" : "@" , "arguments" : {)",
                                   R"(<tool_call> { "name" : "@" , "parameters" : {)"};
constexpr Array<1> hermes_tail = {" } </tool_call>"};

constexpr Array<4> llama3_first = {
    R"( { "name" : "@" , "parameters" : {)", R"( <|python_tag|> { "name" : "@" , "parameters" : {)",
    R"( { "name" : "@" , "arguments" : {)", R"( <|python_tag|> { "name" : "@" , "arguments" : {)"};
constexpr Array<2> llama3_next = {R"( ; { "name" : "@" , "parameters" : {)", R"( ; { "name" : "@" , "arguments" : {)"};
constexpr Array<1> brace = {" }"};

constexpr Array<1> mistral_first = {R"([TOOL_CALLS] [ { "name" : "@" , "arguments" : {)"};
constexpr Array<1> granite_first = {R"(<|tool_call|> [ { "name" : "@" , "arguments" : {)"};
constexpr Array<1> list_next = {R"( , { "name" : "@" , "arguments" : {)"};
constexpr Array<2> list_tail = {" }", R"( , "id" : "#" })"};
constexpr Array<1> list_close = {" ]"};

constexpr Array<2> mistral_args_first = {"[TOOL_CALLS]@[ARGS] {", "[TOOL_CALLS]@[CALL_ID]#[ARGS] {"};

constexpr Array<1> qwen_xml_first = {"<tool_call> <function=@> <"};
constexpr Array<1> qwen_xml_tail = {" </tool_call>"};
constexpr ArgumentTags qwen_xml_tags = {" <parameter=", ">", "</parameter>", " </function>", true};

constexpr Array<1> glm_first = {"<tool_call>@ <"};
constexpr ArgumentTags glm_tags = {" <arg_key>", "</arg_key> <arg_value>", "</arg_value>", " </tool_call>", false};

constexpr CallForm hermes = {hermes_first, false, hermes_tail, {}, {}, nullptr};
constexpr CallForm llama3 = {llama3_first, true, brace, llama3_next, {}, nullptr};
constexpr CallForm mistral = {mistral_first, false, list_tail, list_next, list_close, nullptr};
constexpr CallForm mistral_args = {mistral_args_first, false, {}, {}, {}, nullptr};
constexpr CallForm granite = {granite_first, false, list_tail, list_next, list_close, nullptr};
constexpr CallForm qwen_xml = {qwen_xml_first, false, qwen_xml_tail, {}, {}, &qwen_xml_tags};
constexpr CallForm glm = {glm_first, false, {}, {}, {}, &glm_tags};

}  // namespace

const CallForm& call_form(ToolFormat format) {
  switch (format) {
    case ToolFormat::generic:
    case ToolFormat::hermes:
      return hermes;
    case ToolFormat::llama3:
      return llama3;
    case ToolFormat::mistral:
      return mistral;
    case ToolFormat::mistral_args:
      return mistral_args;
    case ToolFormat::granite:
      return granite;
    case ToolFormat::qwen_xml:
      return qwen_xml;
    case ToolFormat::glm:
      return glm;
  }
  return hermes;
}

}  // namespace fovea
