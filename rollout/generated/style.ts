/* Copied from provider/diagnosis/html by `npm run docs`; do not edit. */

import { Markup } from "./markup";

/** The colours of a report by their use; contrasts are at least 4.5 to 1. */
export const COLOURS = {
  light: {
    ground: "#ffffff",
    ink: "#1b1f24",
    faint: "#57606a",
    line: "#d0d7de",
    panel: "#f6f8fa",
    pass: "#116329",
    warn: "#7d4e00",
    fail: "#b3261e",
    unchecked: "#57606a",
  },
  dark: {
    ground: "#0d1117",
    ink: "#e6edf3",
    faint: "#9da7b3",
    line: "#30363d",
    panel: "#161b22",
    pass: "#56d364",
    warn: "#e3b341",
    fail: "#ff7b72",
    unchecked: "#9da7b3",
  },
  print: {
    ground: "#ffffff",
    ink: "#000000",
    faint: "#333333",
    line: "#999999",
    panel: "#ffffff",
    pass: "#0a4a1c",
    warn: "#5c3900",
    fail: "#8a1009",
    unchecked: "#333333",
  },
} as const;

const variables = (colours: Record<string, string>) =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");

/** Hides from the eye what a screen reader reads. */
const HIDDEN = "display: block; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);";

/**
 * The style of a report: dark or light as the reader's system, readable on a phone and in print. No meaning is in a colour
 * alone.
 */
export const STYLE = new Markup(`
:root {
  color-scheme: light dark;
  ${variables(COLOURS.light)}
}
@media (prefers-color-scheme: dark) {
  :root { ${variables(COLOURS.dark)} }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; }
.faint { color: var(--faint); }
code { font-family: ui-monospace, monospace; }
.causes { margin: .5rem 0; padding: 0; list-style-position: inside; }
.causes li { background: var(--panel); border: 1px solid var(--line); border-left-width: .35rem; border-radius: .4rem; margin: .5rem 0; padding: .6rem .8rem; }
.causes .fail { border-left-color: var(--fail); }
.causes .warn { border-left-color: var(--warn); }
h1, h2, h3, p, li, summary { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.checks thead th:first-child { width: 7.5rem; }
.checks thead th:nth-child(2) { width: 38%; }
.sites thead th:first-child { width: 27%; }
.sites thead th:nth-child(2) { width: 29%; }
.runs thead th:first-child, .runs thead th:nth-child(2) { width: 17%; }
.runs thead th:nth-child(3) { width: 8.5rem; }
.counts { table-layout: auto; }
.counts thead th { overflow-wrap: normal; }
.hidden { ${HIDDEN} }
summary { cursor: pointer; padding: .3rem 0; }
svg { max-width: 100%; height: auto; }
a { color: inherit; }
th { font-weight: 600; }
td.status { font-weight: 600; }
.pass { color: var(--pass); }
.warn > b, td.warn, span.warn { color: var(--warn); }
.fail > b, td.fail, span.fail { color: var(--fail); }
.unchecked { color: var(--unchecked); }
@media (max-width: 40rem) {
  .checks thead, .runs thead { ${HIDDEN} }
  :is(.checks, .runs) tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  :is(.checks, .runs) :is(td, tbody th) { display: block; border: 0; padding: 0; }
  .runs td[data-label]::before { content: attr(data-label) ": "; }
}
@media (max-width: 62rem) {
  .counts thead { ${HIDDEN} }
  .counts tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .counts :is(td, tbody th) { display: block; border: 0; padding: 0; }
  .counts td[data-label]::before { content: attr(data-label) ": "; }
  .counts .none { display: none; }
}
@media print {
  :root { color-scheme: light; ${variables(COLOURS.print)} }
  main { max-width: none; padding: 0; }
  .causes li, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`);
