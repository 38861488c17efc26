// A page as one HTML file. It loads nothing from anywhere, and its content security policy tells the browser
// so.
#include <algorithm>
#include <format>
#include <utility>

#include "report/page.h"
#include "report/page_style.h"
#include "report/page_text.h"

namespace fovea {

namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string inline_html(std::string_view text) {
  std::string line;
  for (const Span& span : spans_of(text)) {
    switch (span.kind) {
      case Span::Kind::words:
        line += escaped(span.text);
        break;
      case Span::Kind::code:
        line += "<code>" + escaped(span.text) + "</code>";
        break;
      case Span::Kind::link:
        line += std::format("<a href=\"{}\">{}</a>", escaped(span.address), escaped(span.text));
        break;
    }
  }
  return line;
}

// With percent signs and not in base64, because most of an SVG are digits, which stay as they are.
std::string data_url(std::string_view svg) {
  std::string url = "data:image/svg+xml;charset=utf-8,";
  for (const char c : svg) {
    if (c > ' ' && c < '\x7f' && !std::string_view("%#\"<>&'`").contains(c))
      url += c;
    else
      url += c == ' ' ? " " : std::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::string captioned(std::string_view caption) {
  return caption.empty() ? "" : "<figcaption>" + inline_html(caption) + "</figcaption>\n";
}

// A table in a box of its own, which can be scrolled with the keyboard too.
std::string table_html(const Table& table) {
  std::vector<std::string_view> classes;
  for (std::size_t i = 0; i < table.head.size(); ++i)
    classes.push_back(holds_numbers(table, i) ? " class=\"number\"" : "");
  const auto row_html = [&](std::string_view element, const std::vector<std::string>& cells) {
    std::string row = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
      row += std::format("<{0}{1}>{2}</{0}>", element, i < classes.size() ? classes[i] : "", inline_html(cells[i]));
    return row + "</tr>\n";
  };
  constexpr std::size_t long_rows = 40;  // a longer table would hide what follows it
  std::string text = std::format(
      "<div class=\"box{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n<thead>{}</thead>\n<tbody>\n",
      table.rows.size() > long_rows ? " long" : "",
      escaped(plain_text(table.caption.empty() ? "Table" : table.caption)), row_html("th", table.head));
  for (const auto& row : table.rows) text += row_html("td", row);
  return text + "</tbody>\n</table>\n</div>\n";
}

class Writer {
 public:
  explicit Writer(const std::function<std::string(const Figure&)>& svg_of) : svg_of_(svg_of) {}

  void operator()(const Heading& heading) {
    if (heading.depth > 2) {
      text_ += "<h3>" + inline_html(heading.text) + "</h3>\n";
      return;
    }
    ++chapters_;
    text_ += std::format("<h2 id=\"chapter-{}\">{}</h2>\n", chapters_, inline_html(heading.text));
    list_ += std::format("<li><a href=\"#chapter-{}\">{}</a></li>\n", chapters_, escaped(plain_text(heading.text)));
  }
  void operator()(const Paragraph& paragraph) { text_ += "<p>" + inline_html(paragraph.text) + "</p>\n"; }
  void operator()(const Listing& listing) {
    text_ += "<pre tabindex=\"0\"><code>" + escaped(listing.text) + "</code></pre>\n";
  }
  void operator()(const Bullets& bullets) {
    text_ += "<ul>\n";
    for (const std::string& item : bullets.items) text_ += "<li>" + inline_html(item) + "</li>\n";
    text_ += "</ul>\n";
  }
  void operator()(const Table& table) {
    text_ += "<figure>\n" + captioned(table.caption) + table_html(table) + "</figure>\n";
  }
  void operator()(const Figure& figure) {
    const std::string svg = svg_of_(figure);
    if (svg.empty()) {
      auto rows = numbers_of(figure);
      Table numbers{figure.name, figure.caption, std::move(rows.front()), {}};
      numbers.rows.assign(std::make_move_iterator(rows.begin() + 1), std::make_move_iterator(rows.end()));
      (*this)(numbers);
      return;
    }
    text_ += std::format(
        "<figure>\n<div class=\"picture\"><img width=\"900\" height=\"520\" alt=\"{}\" "
        "src=\"{}\"></div>\n{}</figure>\n",
        escaped(plain_text(figure.caption)), data_url(svg), captioned(figure.caption));
  }

  const std::string& text() const { return text_; }
  // The list of chapters; empty for a page of one chapter.
  std::string chapters() const {
    return chapters_ < 2 ? "" : "<nav aria-label=\"Chapters\">\n<ol>\n" + list_ + "</ol>\n</nav>\n";
  }

 private:
  const std::function<std::string(const Figure&)>& svg_of_;
  std::string text_, list_;
  int chapters_ = 0;
};

}  // namespace

std::string html(const Page& page, const std::function<std::string(const Figure&)>& svg_of) {
  Writer writer(svg_of);
  for (const PageBlock& block : page.blocks) std::visit(writer, block);
  const std::string head = std::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n",
      escaped(plain_text(page.title)), page_style);
  return head + "<body>\n<main>\n<h1>" + inline_html(page.title) + "</h1>\n" + writer.chapters() + writer.text() +
         "</main>\n</body>\n</html>\n";
}

}  // namespace fovea
