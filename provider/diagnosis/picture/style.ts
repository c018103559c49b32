import { Markup } from "../html/markup";
import { COLOURS } from "../html/style";
import { FONTS } from "./lines";

type Colours = Record<keyof (typeof COLOURS)["light"], string>;

/** Colours as values, because many viewers of SVG files know no variables of CSS. */
const rules = ({ ground, ink, faint, panel, pass, fail, unchecked }: Colours) => `
.topology .ground { fill: ${ground}; stroke: none; }
.topology rect { fill: ${panel}; stroke: ${faint}; }
.topology .group { fill: ${ground}; }
.topology text { fill: ${ink}; }
.topology .line { stroke: ${faint}; }
.topology .end { fill: ${faint}; }
.topology .good { stroke: ${pass}; } .topology text.good, .topology .end.good { fill: ${pass}; stroke: none; }
.topology .bad { stroke: ${fail}; } .topology text.bad, .topology .end.bad { fill: ${fail}; stroke: none; }
.topology .unknown { stroke: ${unchecked}; } .topology text.unknown, .topology .end.unknown { fill: ${unchecked}; stroke: none; }`;

/** The style of pictures of a topology: dark or light as the reader's system, and dashed where something is not in order. */
export const PICTURE_STYLE = new Markup(`
.topology text { font: ${FONTS.detail.size}px system-ui, "DejaVu Sans", Helvetica, Arial, sans-serif; }
.topology .title { font-size: ${FONTS.title.size}px; font-weight: 600; }
.topology .state { font-weight: 600; }
.topology rect, .topology .line { stroke-width: 1.5; fill: none; }
.topology .line { stroke-linejoin: round; }
.topology .mark { stroke-width: 2.5; }
.topology .bad, .topology .unknown { stroke-dasharray: 5 4; }
.topology .mark { stroke-dasharray: none; }
${rules(COLOURS.light)}
@media (prefers-color-scheme: dark) {${rules(COLOURS.dark)}
}
@media print {${rules(COLOURS.print)}
}
`);
