import { html, type Markup } from "../html/markup";
import type { Topology } from "../topology/schema";
import { topologyText } from "../topology/topology-text";
import { layoutOf, RAIL } from "./layout";
import { linesOf, xmlText } from "./lines";
import { drawn } from "./marks";
import { PICTURE_STYLE } from "./style";

/** Sites side by side in a file. */
const MOST_COLUMNS = 3;
const BETWEEN = 24;
/** Room for the name of a site above its picture. */
const HEADING = 24;

/**
 * The picture of a site as an element of a page, whose style holds PICTURE_STYLE. Screen readers get the same as text.
 * @param id begin of the ids in it; unique on the page
 */
export function topologyPicture(topology: Topology, id: string): Markup {
  const shapes = layoutOf(topology);
  const { width, height } = shapes;
  return html`<svg class="topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">Topology of site ${xmlText(topology.site)}</title>
<desc id="${id}-text">${spoken(topology)}</desc>
${drawn(shapes)}
</svg>`;
}

/** The pictures of sites as one SVG file that loads nothing and runs no script. The same topologies give the same bytes. */
export function topologySvg(topologies: readonly Topology[]): string {
  const all = topologies.map((topology) => ({ topology, shapes: layoutOf(topology) }));
  const columns = Math.max(Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(all.length))), 1);
  const rows = all.flatMap((_, index) => (index % columns === 0 ? [all.slice(index, index + columns)] : []));
  const column = Math.max(...all.map(({ shapes }) => shapes.width)) + BETWEEN;
  let height = 0;
  const groups = rows.map((row) => {
    const top = height;
    height += HEADING + Math.max(...row.map(({ shapes }) => shapes.height)) + BETWEEN;
    return row.map(({ topology, shapes }, index) => {
      const [heading] = linesOf(`site ${topology.site}`, "title", shapes.width - 2 * RAIL);
      return html`<g transform="translate(${index * column} ${top})">
<text class="title" x="${RAIL}" y="${HEADING}">${heading}</text>
<g transform="translate(0 ${HEADING})">
${drawn(shapes)}
</g>
</g>
`;
    });
  });
  const width = columns * column - BETWEEN;
  const names = topologies.map(({ site }) => xmlText(site)).join(", ");
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title text">
<title id="title">Topology of ${topologies.length === 1 ? "site" : "sites"} ${names}</title>
<desc id="text">${topologies.map(spoken).join(" ")}</desc>
<style>svg { color-scheme: light dark; }${PICTURE_STYLE}</style>
<rect class="ground" width="${width}" height="${height}"/>
${groups}</svg>
`.text;
}

/** The tree of `topology` as sentences. */
function spoken(topology: Topology): string {
  const lines = topologyText(topology).split("\n");
  return `${lines.map((line) => xmlText(line.replace(/^[\s│├└─]+/, ""))).join("; ")}.`;
}
