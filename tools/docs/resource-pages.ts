import type { z } from "zod";
import { routerRedirectionSchema } from "../../provider/resources/router-redirection/schema";
import { sppJoinSchema } from "../../provider/resources/spp-join/schema";
import { spsClusterSchema } from "../../provider/resources/sps-cluster/schema";
import { documentedFields } from "./schema-table";

interface Page {
  schema: z.ZodType;
  title: string;
  about: string;
  outputs: [name: string, meaning: string][];
}

const PAGES: Record<string, Page> = {
  "sps-cluster.md": {
    schema: spsClusterSchema,
    title: "SpsCluster",
    about:
      "A cluster of Safeguard for Privileged Sessions nodes under one Central Management node. One node is a full case. " +
      "Promoting and joining cannot be undone over the appliance's API: deleting the resource drops the record only, and a member " +
      "that the program no longer names stays a member, which the preview says. Nodes are recognized by their ids, so a changed " +
      "address moves a node. Refused before anything is changed: nodes of another cluster, differing firmware, " +
      "and search-minion for a search-local node of a cluster that is joined to SPP.",
    outputs: [
      ["clusterId", "Node id of the Central Management node, as the appliance reports it."],
      ["version", "Firmware version of the Central Management node; all nodes have to run the same."],
      [
        "nodes[]",
        "`nodeId`, `address`, `hostName`, `roles`, `synchronized`, `lastSeen`, `reachable`, `version` of each node, the Central Management node first. " +
          "A node that cannot be reached stays listed, with `reachable: false` and what the cluster tells of it.",
      ],
      ["steps[]", "What is brought about, in order; known in previews."],
    ],
  },
  "spp-join.md": {
    schema: sppJoinSchema,
    title: "SppJoin",
    about:
      "The join of an SPS cluster to Safeguard for Privileged Passwords. It cannot be undone: the class sets `protect`, the program " +
      "acknowledges it by naming both appliances, and deleting is refused. At most one join request is ever sent.",
    outputs: [
      ["nodeId", "Node id of the Central Management node, by which SPP knows the cluster."],
      ["sppApplianceId", "Id of the SPP appliance."],
      ["connectionId", "Id of the session module on SPP."],
      ["joinedAt", "When SPP made its entry, ISO 8601."],
      ["sps.joined", "Whether SPS has made its `safeguard_default` objects."],
      [
        "spp.listed, spp.trusted, spp.connected",
        "Whether SPP has an entry for the node, trusts it, and holds its certificate user.",
      ],
      ["policies[]", "Names of the objects SPS made."],
      ["health", "`joined`, or what is amiss: `not joined`, `disconnected`, `untrusted`, `no policies`."],
      ["steps[]", "What is done, in order; known in previews."],
    ],
  },
  "router-redirection.md": {
    schema: routerRedirectionSchema,
    title: "RouterRedirection",
    about:
      'The redirection of chosen TCP traffic through SPS on one router. Built for `platform: "linux"`; the other platforms are refused.',
    outputs: [
      ["rules[]", "The rules in canonical form and order; known in previews, read back after an update."],
      ["backend", "What keeps the classification: `iptables-nft`, `iptables-legacy`, `nftables` or `ip-rule`."],
      ["backendReason", "Why it is that backend, in words."],
      ["interfaces", "The interfaces that take part, with their addresses."],
      ["counters", "How many packets each redirection has taken; none with backend `ip-rule`."],
      [
        "persistedBy",
        "What brings the redirections back when the router restarts or when links come up: `systemd`, `NetworkManager`, `networkd-dispatcher`, `ifupdown`; empty when nothing does.",
      ],
      [
        "bypassed",
        "Each SPS whose redirections a watchdog has withdrawn, so that its traffic passes unaudited, whether the watchdog still runs or not; with `since` where that is known; empty while there is none.",
      ],
      ["confirmedAt", "When the last changes were confirmed over a new SSH connection, in ISO 8601."],
      [
        "confirmedUnproven",
        'What was tried then and could not be proved, such as the way to an SPS that did not answer; empty when all was proved. `probe.path: "required"` takes changes back instead.',
      ],
      [
        "confirmedTraffic",
        "The redirections of which a client's connection was answered by way of SPS while the changes were being confirmed; empty where no client connected in that time.",
      ],
    ],
  },
};

/** The reference pages by file name. */
export function resourcePages(): Record<string, string> {
  return Object.fromEntries(Object.entries(PAGES).map(([file, page]) => [`resources/${file}`, render(page)]));
}

function render({ schema, title, about, outputs }: Page): string {
  const rows = documentedFields(schema).map(
    (field) =>
      `| \`${field.path}\` | ${field.required ? "yes" : ""} | ${cell(field.allowed)} | ${field.default ? `\`${field.default}\`` : ""} | ${cell(field.meaning)} |`,
  );
  return [
    `# ${title}`,
    "",
    "<!-- Written by `npm run docs` from the schema; change the schema, not this page. -->",
    "",
    about,
    "",
    "## Inputs",
    "",
    "| input | required | allowed values | default | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    "## Outputs",
    "",
    "| output | meaning |",
    "| --- | --- |",
    ...outputs.map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`),
    "",
  ].join("\n");
}

const cell = (text: string) => text.replaceAll("|", "\\|");
