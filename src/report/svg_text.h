// The text of gnuplot's SVG files, made shorter without changing what is drawn.
//
// gnuplot writes an empty group before each thing that it draws, and both ends of every line in full. Of a
// report of thirty figures that is a third, and each figure is there twice: as a file, and in report.html.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace fovea {

// `svg` without empty groups, and with the lines of its paths in SVG's short form: "L5,7 L5,9" behind "M3,7"
// is "H5V9". What is not written as gnuplot writes it stays as it is.
std::string compact_svg(std::string_view svg);

}  // namespace fovea
