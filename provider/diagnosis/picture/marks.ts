import { html, type Markup } from "../html/markup";
import type { Box, Line, Link, Shapes } from "./shapes";

/** Length of an arrow's head, and half the width of a bar. */
const HEAD = 9;

/** The elements that draw shapes. */
export function drawn({ boxes, links }: Shapes): Markup {
  return html`${boxes.map(boxElement)}${links.map(linkElement)}`;
}

function boxElement({ x, y, width, height, kind, tone, lines }: Box): Markup {
  return html`<rect class="${kind} ${tone}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>
${lines.map(lineElement)}`;
}

const lineElement = ({ x, y, text, role, tone }: Line): Markup =>
  html`<text class="${role} ${tone}" x="${x}" y="${y}">${text}</text>
`;

type Point = readonly [x: number, y: number];

function linkElement({ points, tone, from, to, middle, lines }: Link): Markup {
  const [first, second, beforeLast, last] = [0, 1, -2, -1].map((index) => points.at(index) as Point) as [
    Point,
    Point,
    Point,
    Point,
  ];
  // A connection that stops leaves a gap before what it does not reach.
  const end = to === "stop" ? toward(last, beforeLast, Math.min(14, distance(last, beforeLast) / 2)) : last;
  const path = [...points.slice(0, -1), end].map(([x, y]) => `${x},${y}`).join(" ");
  const [x, y] = [(first[0] + last[0]) / 2, (first[1] + last[1]) / 2];
  return html`<polyline class="line ${tone}" points="${path}"/>
${from === "arrow" ? head(first, second, tone) : undefined}${to === "arrow" ? head(last, beforeLast, tone) : undefined}${to === "stop" ? bar(end, beforeLast, tone) : undefined}${
  middle === "cross"
    ? html`<path class="line mark ${tone}" d="M${x - 7} ${y - 7}l14 14m0 -14l-14 14"/>
`
    : undefined
}${
  middle === "question"
    ? html`<circle class="ground" cx="${x}" cy="${y}" r="11"/>
<text class="state ${tone}" x="${x}" y="${y + 5}" text-anchor="middle">?</text>
`
    : undefined
}${lines.map(lineElement)}`;
}

const distance = ([x, y]: Point, [otherX, otherY]: Point) => Math.hypot(otherX - x, otherY - y);

/** The point some way from one point to another. */
function toward([x, y]: Point, [toX, toY]: Point, length: number): Point {
  return [x + Math.sign(toX - x) * length, y + Math.sign(toY - y) * length];
}

/** An arrow's head at a point, for a line that comes from another. */
function head(at: Point, from: Point, tone: string): Markup {
  const [baseX, baseY] = toward(at, from, HEAD);
  const [acrossX, acrossY] = across(at, from, HEAD / 2);
  const corners = [at, [baseX + acrossX, baseY + acrossY], [baseX - acrossX, baseY - acrossY]];
  return html`<polygon class="end ${tone}" points="${corners.map(([x, y]) => `${x},${y}`).join(" ")}"/>
`;
}

function bar(at: Point, from: Point, tone: string): Markup {
  const [x, y] = across(at, from, HEAD);
  return html`<path class="line mark ${tone}" d="M${at[0] - x} ${at[1] - y}L${at[0] + x} ${at[1] + y}"/>
`;
}

/** A step at right angles to a line, which is horizontal or vertical. */
function across([x]: Point, [fromX]: Point, length: number): Point {
  return x === fromX ? [length, 0] : [0, length];
}
