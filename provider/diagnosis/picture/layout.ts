import type { Topology, TopologyNode } from "../topology/schema";
import { IN_FORCE } from "../topology/topology";
import { sppMembersOf } from "../topology/topology-text";
import { FONTS, linesOf } from "./lines";
import type { Box, Line, Link, Shapes, Tone } from "./shapes";

/** Width of every picture: that of a small phone, so that no text becomes smaller than it is. */
const WIDTH = 360;
/** Room at each side for connections that pass boxes. */
export const RAIL = 34;
const PADDING = 10;
const GAP = 18;
const LINE_HEIGHT = 18;

/** Other clusters that are shown one by one. */
const MOST_OTHERS = 8;

type Text = [role: Line["role"], text: string, tone?: Tone];

/** Where everything of a site is drawn: SPP, the join below it, the cluster, its routers, and SPP's other clusters. Pure. */
export function layoutOf({ sps, spp, join, otherClusters, routers }: Topology): Shapes {
  const version = (text: string) => (text === "" ? [] : [`version ${text}`]);
  const role = spp.isPrimary === undefined ? [] : [spp.isPrimary ? "primary" : "replica"];
  const sppBox = boxOf("appliance", 10, RAIL, WIDTH - 2 * RAIL, spp.notRead === undefined ? "plain" : "unknown", [
    ["title", `SPP ${spp.address}`],
    ["detail", [...version(spp.version), ...role].join(", ")],
    ...sppMembersOf(spp).map((text): Text => ["detail", text]),
    ...notRead(spp.notRead),
  ]);
  const joinLink = joinOf(join, below(sppBox));
  const cluster = clusterOf(sps, version(sps.version), joinLink.points.at(-1)?.[1] ?? 0);
  const last = cluster.at(-1) as Box;
  const [group = last] = cluster;
  const routerBoxes: Box[] = [];
  const links: Link[] = [joinLink];
  for (const [index, router] of routers.entries()) {
    const box = routerOf(router, below(routerBoxes.at(-1) ?? group) + GAP);
    routerBoxes.push(box);
    links.push(redirectionOf(box, group, index, routers.length));
  }
  const boxes = [sppBox, ...cluster, ...routerBoxes];
  if (otherClusters.length > 0) {
    const box = othersOf(otherClusters, below(routerBoxes.at(-1) ?? group) + GAP);
    boxes.push(box);
    const x = WIDTH - RAIL / 2;
    const points: Link["points"] = [
      [right(sppBox), middle(sppBox)],
      [x, middle(sppBox)],
      [x, middle(box)],
      [right(box), middle(box)],
    ];
    links.push({ points, tone: box.tone, lines: [] });
  }
  return { width: WIDTH, height: Math.max(...boxes.map(below)) + 10, boxes, links };
}

const below = ({ y, height }: Box) => y + height;
const right = ({ x, width }: Box) => x + width;
const middle = ({ y, height }: Box) => y + height / 2;

const notRead = (why: string | undefined): Text[] =>
  why === undefined ? [] : [["state", `not read: ${why}`, "unknown"]];

/** Texts one below the other, each in as many lines as it takes. */
function stack(texts: readonly Text[], x: number, y: number, width: number): Line[] {
  const lines = texts.flatMap(([role, text, tone = "plain"]) =>
    linesOf(text, role, width).map((one) => ({ x, text: one, role, tone })),
  );
  return lines.map((line, index) => ({ ...line, y: y + index * LINE_HEIGHT + FONTS.title.size }));
}

function boxOf(kind: Box["kind"], y: number, x: number, width: number, tone: Tone, texts: readonly Text[]): Box {
  const lines = stack(texts, x + PADDING, y + PADDING, width - 2 * PADDING);
  return { x, y, width, height: lines.length * LINE_HEIGHT + 2 * PADDING, kind, tone, lines };
}

const JOIN = {
  joined: { tone: "good", from: "arrow", to: "arrow" },
  "one-sided": { tone: "bad", to: "stop" },
  "not joined": { tone: "bad", middle: "cross" },
  "not known": { tone: "unknown", middle: "question" },
} as const;

/** The join, from SPP down; that of one side alone stops before it arrives. */
function joinOf({ state, reason, connectionId }: Topology["join"], top: number): Link {
  const { tone, ...ends } = JOIN[state];
  const x = RAIL + 30;
  const texts: Text[] = [
    ["state", `join: ${state}`, tone],
    ["detail", connectionId === undefined ? "" : `connection ${connectionId}`],
    ["detail", reason],
  ];
  const lines = stack(texts, x + 22, top + 14, WIDTH - RAIL - x - 22);
  const bottom = top + Math.max(lines.length * LINE_HEIGHT, 3 * LINE_HEIGHT) + 28;
  return {
    points: [
      [x, top],
      [x, bottom],
    ],
    tone,
    ...ends,
    lines,
  };
}

/** The box of the cluster, followed by those of its nodes in it. */
function clusterOf({ address, nodes, notRead: why }: Topology["sps"], version: string[], top: number): Box[] {
  const group = boxOf("group", top, RAIL, WIDTH - 2 * RAIL, why === undefined ? "plain" : "unknown", [
    ["title", `SPS cluster of ${address}`],
    ["detail", version.join("")],
    ...notRead(why),
  ]);
  const boxes: Box[] = [];
  for (const node of nodes) {
    const last = boxes.at(-1);
    boxes.push(nodeOf(node, last ? below(last) + PADDING : below(group), group));
  }
  const last = boxes.at(-1);
  return [last ? { ...group, height: below(last) + PADDING - top } : group, ...boxes];
}

/** States of a node that need no attention; the Central Management node has none. */
const IN_ORDER = /^(up[-_ ]?to[-_ ]?date|n\/a)$/i;

function nodeOf({ address, hostName, roles, state }: TopologyNode, y: number, group: Box): Box {
  const tone = IN_ORDER.test(state) ? "good" : state === "unknown" ? "unknown" : "bad";
  return boxOf("node", y, group.x + PADDING, group.width - 2 * PADDING, tone, [
    ["title", address],
    ["detail", hostName],
    ["detail", roles.join(", ") || "no role"],
    ["state", `synchronization: ${state}`, tone],
  ]);
}

function routerOf({ name, object, redirections, state, isRead }: Topology["routers"][number], y: number): Box {
  const tone = !isRead ? "unknown" : state === IN_FORCE ? "good" : "bad";
  return boxOf("router", y, RAIL, WIDTH - 2 * RAIL, tone, [
    ["title", `${name} (${object})`],
    ["detail", `${redirections.length === 1 ? "redirection" : "redirections"} ${redirections.join(", ")}`],
    ["state", state, tone],
  ]);
}

/** The way of redirected traffic, beside the boxes from a router up to the cluster. Each has one of its own, and no two cross. */
function redirectionOf(box: Box, group: Box, index: number, count: number): Link {
  const x = box.x - 12 - ((RAIL - 16) * index) / count;
  const end = below(group) - 14 - Math.min(22, (group.height - 24) / count) * index;
  const points: Link["points"] = [
    [box.x, middle(box)],
    [x, middle(box)],
    [x, end],
    [group.x, end],
  ];
  return { points, tone: box.tone, to: box.tone === "good" ? "arrow" : "stop", lines: [] };
}

function othersOf(clusters: Topology["otherClusters"], y: number): Box {
  const toneOf = (state: string): Tone => (state === "trusted" ? "good" : "bad");
  const shown = clusters.slice(0, MOST_OTHERS);
  const rest = clusters.length - shown.length;
  const tone = clusters.every(({ state }) => state === "trusted") ? "good" : "bad";
  return boxOf("others", y, RAIL, WIDTH - 2 * RAIL, tone, [
    ["title", clusters.length === 1 ? "Another cluster of this SPP" : `${clusters.length} other clusters of this SPP`],
    ...shown.map(({ addresses, nodeId, state }): Text => {
      return ["state", `${addresses.join(" ") || `node id ${nodeId}`}: ${state}`, toneOf(state)];
    }),
    ...(rest > 0 ? [["detail", `and ${rest} more`] as Text] : []),
  ]);
}
