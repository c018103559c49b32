import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { anyTopology, FAULTY, HOSTILE, WORKING } from "../../../tests/support/topologies";
import type { Topology } from "../topology/schema";
import { layoutOf } from "./layout";
import type { Box, Shapes } from "./shapes";
import { topologyPicture, topologySvg } from "./svg";

/** The elements of a picture with a class. */
const count = (svg: string, element: RegExp) => svg.match(new RegExp(element, "g"))?.length ?? 0;

const joinOf = (topology: Topology) => layoutOf(topology).links[0];

const isInside = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

const isApart = (one: Box, other: Box) => one.y + one.height <= other.y || other.y + other.height <= one.y;

describe("picture of a topology", () => {
  it("draws every appliance, node and router, and a connection for each relation", () => {
    const { boxes, links } = layoutOf(WORKING);
    assert.deepEqual(
      boxes.map(({ kind, lines }) => `${kind}: ${lines.map(({ text }) => text).join(" | ")}`),
      [
        "appliance: SPP 10.0.0.5 | version 8.2.0.21662, primary | primary 10.0.0.5 | replica 10.0.0.6 | replica appliance-c",
        "group: SPS cluster of 10.0.0.1 | version 8.0.0",
        "node: 10.0.0.1 | sps1.example.com | central-management, search-local | synchronization: n/a",
        "node: 10.0.0.2 | sps2.example.com | managed-host, search-local | synchronization: up-to-date",
        "router: edge (router 10.0.0.254) | redirection rdp | in force",
        "router: core (router 10.0.0.253) | redirections ssh, vnc | in force",
        "others: Another cluster of this SPP | 10.9.0.1: trusted",
      ],
    );
    assert.deepEqual(
      links.map(({ tone, from, to }) => [tone, from, to]),
      [
        ["good", "arrow", "arrow"],
        ["good", undefined, "arrow"],
        ["good", undefined, "arrow"],
        ["good", undefined, undefined],
      ],
    );
  });

  it("draws each state of a join in a form of its own", () => {
    const forms = (["joined", "one-sided", "not joined", "not known"] as const).map((state) => {
      const link = joinOf({ ...WORKING, join: { state, reason: "" } });
      return [link?.from ?? "-", link?.to ?? "-", link?.middle ?? "-", link?.lines[0]?.text];
    });
    assert.deepEqual(forms, [
      ["arrow", "arrow", "-", "join: joined"],
      ["-", "stop", "-", "join: one-sided"],
      ["-", "-", "cross", "join: not joined"],
      ["-", "-", "question", "join: not known"],
    ]);
  });

  it("stops the way of a router whose redirections are not in force before the cluster", () => {
    const [, ...ways] = layoutOf(FAULTY).links;
    assert.deepEqual(
      ways.slice(0, 4).map(({ tone, to }) => [tone, to]),
      [
        ["good", "arrow"],
        ["good", "arrow"],
        ["bad", "stop"],
        ["unknown", "stop"],
      ],
    );
  });

  it("counts the other clusters that it does not name", () => {
    const cluster = (number: number) => ({
      nodeId: `${number}`,
      addresses: [`10.9.0.${number}`],
      state: "trusted" as const,
    });
    const { boxes } = layoutOf({ ...WORKING, otherClusters: Array.from({ length: 50 }, (_, index) => cluster(index)) });
    const lines = boxes.at(-1)?.lines.map(({ text }) => text) ?? [];
    assert.deepEqual([lines[0], lines.length, lines.at(-1)], ["50 other clusters of this SPP", 10, "and 42 more"]);
  });

  it("gives the same bytes for the same sites, and draws several side by side", () => {
    const svg = topologySvg([WORKING, FAULTY, HOSTILE]);
    assert.equal(svg, topologySvg(structuredClone([WORKING, FAULTY, HOSTILE])));
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="topology" viewBox="0 0 744 \d+"/);
    assert.equal(count(svg, /<g transform="translate\(384 0\)">/), 1);
  });

  it("tells screen readers the same as text", () => {
    const picture = topologyPicture(FAULTY, "t").text;
    assert.match(picture, /role="img" aria-labelledby="t-title t-text"/);
    assert.match(picture, /<title id="t-title">Topology of site graz<\/title>/);
    assert.match(picture, /<desc id="t-text">site graz; spp 10\.0\.0\.5, .*; join: one-sided, connection 7: SPP lists/);
  });

  it("loads nothing, runs nothing and inserts no text as markup", () => {
    const svg = topologySvg([HOSTILE]);
    assert.doesNotMatch(svg, /<script|<image|<use|href|url\(|@import|\son\w+=/);
    assert.ok(svg.includes("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;&#39;"));
    const [whole] = svg.match(/<\/svg>/g) ?? [];
    assert.deepEqual([whole, count(svg, /<\/svg>/)], ["</svg>", 1]);
  });

  it("overlaps no boxes, and holds only characters of XML, for any names", () => {
    const check = (topology: Topology) => {
      const shapes = layoutOf(topology);
      assertApart(shapes);
      const svg = topologySvg([topology]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      assert.doesNotMatch(svg, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      assert.doesNotMatch(svg, /\p{Cs}/u);
    };
    fc.assert(fc.property(anyTopology, check), { numRuns: 60 });
  });
});

function assertApart({ boxes, width, height }: Shapes): void {
  const group = boxes.find(({ kind }) => kind === "group") as Box;
  for (const [index, box] of boxes.entries()) {
    assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height);
    for (const { y } of box.lines) assert.ok(y > box.y && y < box.y + box.height);
    for (const other of boxes.slice(index + 1)) {
      const isNode = [box, other].includes(group) && [box, other].some(({ kind }) => kind === "node");
      assert.ok(isNode ? isInside(other, group) : isApart(box, other), `${box.kind} and ${other.kind}`);
    }
  }
}
