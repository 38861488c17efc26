// The style sheet of HTML pages: for screens, light and dark, for phones and for paper. A constant.
#pragma once

#include <string_view>

namespace fovea {

// Figures have a white card on a dark page too, because they are drawn for a white background. What is too
// wide for a phone scrolls in its own box, so the page itself never scrolls sideways. Paper cannot scroll, so
// boxes are open there.
inline constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --line: #d8dee4; --shade: #f6f8fa; --paper: #ffffff;
  --link: #0560a8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6ea; --soft: #9aa4af; --line: #343b44; --shade: #1d232b; --paper: #13171c; --link: #6cb6ff; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 1.25rem; text-wrap: balance; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 3rem 0 0.75rem; padding-top: 1.25rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.1rem; line-height: 1.4; margin: 2rem 0 0.5rem; }
h2, h3 { scroll-margin-top: 0.5rem; text-wrap: balance; }
p, ul { margin: 0.75rem 0; max-width: 46rem; }
ul { padding-left: 1.4rem; }
li { margin: 0.25rem 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
code { background: var(--shade); border-radius: 4px; padding: 0.1em 0.35em; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: 8px; padding: 0.85rem 1rem;
  overflow-x: auto; line-height: 1.5; margin: 1rem 0; }
pre code { background: none; padding: 0; font-size: 1em; }
nav { background: var(--shade); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1.25rem;
  margin: 1.5rem 0; }
nav ol { margin: 0; padding-left: 1.4rem; columns: 18rem; column-gap: 2.5rem; }
nav li { margin: 0; padding: 0.15rem 0; break-inside: avoid; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
figure { margin: 1.75rem 0; }
figcaption { color: var(--soft); font-size: 0.9rem; line-height: 1.5; max-width: 46rem; }
.picture { background: #ffffff; border: 1px solid var(--line); border-radius: 10px; padding: 0.5rem; overflow-x: auto; }
.picture img { display: block; margin: 0 auto; width: 100%; max-width: 900px; min-width: 600px; height: auto; }
.picture + figcaption { margin-top: 0.6rem; }
figcaption + .box { margin-top: 0.6rem; }
.box { overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.long { max-height: 26rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.45;
  font-variant-numeric: tabular-nums; }
th, td { padding: 0.45rem 0.8rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { background: var(--shade); font-weight: 600; vertical-align: bottom; }
.long th { position: sticky; top: 0; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  h2 { font-size: 1.25rem; margin-top: 2.25rem; }
  th, td { padding: 0.4rem 0.6rem; }
  td:not(.number):not(:first-child) { min-width: 11rem; }
}
@media print {
  :root { color-scheme: light; --ink: #000000; --soft: #333333; --line: #bbbbbb; --shade: #f4f4f4; --paper: #ffffff;
    --link: #000000; }
  :root { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h1, h2, h3 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  .box, .picture, pre { overflow: visible; max-height: none; }
  pre { white-space: pre-wrap; }
  .picture { border: 0; padding: 0; }
  .picture img { min-width: 0; }
}
)";

}  // namespace fovea
