import { z } from "zod";
import { SafeguardError } from "../../../core/errors";
import { type ScriptOutput, SectionReader } from "../../guard/scripts/sections";
import type { Owner } from "../../owner";
import type { NftObject } from "../backends/nft-json";
import { holdsRedirection, ownTables, parseNftListings, savedTableOf, unlistedTables } from "../backends/nft-tables";
import type { FirewallBackend } from "../model/backend-names";
import { type Firewall, type Found, type Link, UNPRINTED, UNPRINTED_REMEDY } from "../model/found";
import { parsePolicyRules, parseRoutes, type Route } from "../model/routing";
import { parseSavedTable, savedTables, unprintedTables } from "../model/saved-table";
import { parseLookups } from "../neighbours/lookups";
import { rulesetOf } from "../neighbours/rules/read-ruleset";
import type { Ruleset } from "../neighbours/rules/ruleset";
import { type FoundPersistence, parsePersisted } from "../persistence/found-files";
import { parseWatchdogs } from "../watchdog/found-watchdogs";
import { parseGaia } from "./gaia";

const STEP = "read the router";

/** The table of iptables that holds redirections. */
const MANGLE = "mangle";

const linkJson = z.looseObject({
  ifname: z.string(),
  flags: z.array(z.string()),
  master: z.string().optional(),
  addr_info: z.array(
    z.looseObject({ family: z.string().optional(), local: z.string().optional(), prefixlen: z.number().optional() }),
  ),
});

/**
 * Parses the output of the read script.
 * @throws SafeguardError SG3101 when a tool is missing, SG3102 when an answer is unreadable
 */
export function parseReadBack(output: ScriptOutput, object: string): Found {
  const reader = new SectionReader(output, object);
  if (reader.get("system").stdout.trim() !== "Linux") {
    const system = reader.get("system").stdout.trim() || "an unknown system";
    throw new SafeguardError({
      code: "SG3101",
      object,
      step: STEP,
      cause: `it runs ${system}`,
      remedy: "use a Linux router",
    });
  }
  const { firewalls, unusable } = firewallsIn(reader, object);
  const settings = parseSettings(reader.get("settings").stdout);
  const values = (key: string) =>
    [...settings]
      .filter(([name, found]) => name !== "all" && name !== "default" && found.has(key))
      .map(([name, found]) => [name, found.get(key) ?? 0] as const);
  const ofAll = settings.get("all");
  return {
    kernel: reader.get("release").stdout.trim(),
    gaia: parseGaia(optional(reader, "gaia")),
    ...usualBackend(reader),
    firewalls,
    unusable,
    neighbours: neighboursIn(reader),
    lookups: parseLookups(optional(reader, "lookups")),
    isForwardingIpv6: optional(reader, "ipv6").startsWith("forwarding"),
    policyRules: reader.json("rules", parsePolicyRules),
    routes: new Map(reader.names("table:").map((name) => [Number(name), routesIn(reader, `table:${name}`)])),
    links: linksIn(reader),
    towards: new Map(
      reader.names("towards:").flatMap((network) => {
        // Without a route, ip reports an error and fails.
        const { status, stdout } = reader.get(`towards:${network}`);
        const device = status === 0 ? parseRoutes(stdout)[0]?.device : undefined;
        return device === undefined || device === "lo" ? [] : [[network, device] as const];
      }),
    ),
    sourceChecks: {
      all: ofAll?.get("rp_filter") ?? 0,
      own: new Map(values("rp_filter")),
      noted: parseNotes(reader.get("notes").stdout),
    },
    isForwarding: new Map(values("forwarding").map(([name, value]) => [name, value === 1])),
    isMarkInSourceChecks: ofAll?.get("src_valid_mark") === 1,
    persistence: parsePersisted(reader.get("persistence").stdout),
    owners: parseOwners(reader.get("owners").stdout),
    watchdogs: parseWatchdogs(reader.get("watchdogs").stdout),
  };
}

/**
 * Reads only the files, from the output of a script that has changed them.
 * @throws SafeguardError SG3102 when the output lacks them
 */
export function parsePersistence(output: ScriptOutput, object: string): FoundPersistence {
  return parsePersisted(new SectionReader(output, object).get("persistence").stdout);
}

function usualBackend(reader: SectionReader): Pick<Found, "usualBackend"> {
  const { status, stdout } = reader.get("iptables");
  if (status !== 0) return {};
  return { usualBackend: stdout.includes("nf_tables") ? "iptables-nft" : "iptables-legacy" };
}

/** A part that only some answers have. */
function optional(reader: SectionReader, name: string): string {
  return reader.has(name) ? reader.get(name).stdout : "";
}

function neighboursIn(reader: SectionReader): Ruleset {
  const names = (["iptables-nft", "iptables-legacy"] as const).filter((name) => reader.get(name).status === 0);
  const nft = reader.get("nftables");
  const withoutJson = /json/i.test(nft.stderr) ? ["nftables (nft was built without JSON)"] : [];
  return rulesetOf({
    saved: new Map(names.map((name) => [name, reader.get(name).stdout])),
    saved6: optional(reader, "ipv6"),
    listed: nft.status === 0 ? parseNftListings(nft.stdout) : undefined,
    unlisted: nft.status === 0 ? unlistedTables(nft.stdout).map((key) => `table ${key} of nftables`) : withoutJson,
  });
}

/** Each usable backend with its rules, and why the others are unusable. */
function firewallsIn(reader: SectionReader, object: string): Pick<Found, "firewalls" | "unusable"> {
  const firewalls = new Map<FirewallBackend, Firewall>();
  const unusable = new Map<FirewallBackend, string>();
  const usual = usualBackend(reader).usualBackend;
  const why = reader.missing("iptables", "iptables");
  for (const name of ["iptables-nft", "iptables-legacy"] as const) {
    const missing = reader.missing(name, usual === name ? "iptables-restore" : name);
    if (missing === undefined) {
      const saved = reader.tool(name, usual === name ? "iptables-save" : `${name}-save`);
      const tool = /^# tool (\S+)$/m.exec(saved)?.[1] ?? name;
      const printed = savedTables(saved).get(MANGLE) ?? "";
      if (unprintedTables(saved).includes(MANGLE)) unusable.set(name, UNPRINTED);
      else firewalls.set(name, { tool, table: parseSavedTable(printed) });
    } else {
      unusable.set(name, usual === undefined && why !== undefined ? why : missing);
    }
  }
  let mangle: readonly NftObject[] | undefined;
  const nft = reader.get("nftables");
  if (reader.missing("nftables", "nft") !== undefined) unusable.set("nftables", "nft is missing");
  else if (/json/i.test(nft.stderr)) unusable.set("nftables", "nft was built without JSON");
  else {
    const tables = reader.parsed("nftables", "nft", parseNftListings);
    const listed = ownTables(tables);
    firewalls.set("nftables", { tool: "nft", table: savedTableOf(listed), listed });
    mangle = tables.get(`ip ${MANGLE}`);
  }
  if ([...unusable.values()].includes(UNPRINTED)) requireNoneUnprinted(mangle, object);
  return { firewalls, unusable };
}

/**
 * A table that iptables cannot print is not empty.
 * @throws SafeguardError SG3102 when redirections are in it, or when nft cannot show whether they are
 */
function requireNoneUnprinted(mangle: readonly NftObject[] | undefined, object: string): void {
  if (mangle && !holdsRedirection(mangle)) return;
  const whether = mangle ? "it holds redirections" : "nft with JSON is missing to read it";
  throw new SafeguardError({
    code: "SG3102",
    object,
    step: STEP,
    cause: `${UNPRINTED}, and ${whether}`,
    remedy: UNPRINTED_REMEDY,
  });
}

function routesIn(reader: SectionReader, name: string): Route[] {
  // The kernel has no table that was never used.
  if (reader.get(name).stderr.includes("FIB table does not exist")) return [];
  return reader.json(name, parseRoutes);
}

function linksIn(reader: SectionReader): Map<string, Link> {
  const links = reader.json("links", (text) => z.array(linkJson.or(z.strictObject({}))).parse(JSON.parse(text)));
  return new Map(
    links
      .filter((link) => "ifname" in link)
      .map((link) => [
        link.ifname,
        {
          isUp: link.flags.includes("UP"),
          ...(link.master !== undefined && { master: link.master }),
          addresses: link.addr_info
            .filter((address) => address.family === "inet" && address.local !== undefined)
            .map((address) => `${address.local}/${address.prefixlen ?? 32}`),
          networks: onLinkNetworks(reader, link.ifname),
          ...(link.addr_info.some(isRoutedIpv6) && { hasIpv6: true }),
        },
      ]),
  );
}

function isRoutedIpv6({ family, local = "" }: { family?: string | undefined; local?: string | undefined }): boolean {
  return family === "inet6" && !/^(fe[89ab]|::1$)/i.test(local);
}

function onLinkNetworks(reader: SectionReader, name: string): string[] {
  if (reader.names("onlink:").includes(name)) {
    return routesIn(reader, `onlink:${name}`).map((route) => route.destination);
  }
  if (!reader.has("onlink")) return [];
  return routesIn(reader, "onlink")
    .filter((route) => route.device === name)
    .map((route) => route.destination);
}

function parseSettings(text: string): Map<string, Map<string, number>> {
  const settings = new Map<string, Map<string, number>>();
  for (const line of text.split("\n")) {
    const [name, key, value] = line.split(" ");
    if (name === undefined || key === undefined || !/^\d+$/.test(value ?? "")) continue;
    const ofInterface = settings.get(name) ?? new Map<string, number>();
    settings.set(name, ofInterface.set(key, Number(value)));
  }
  return settings;
}

function parseOwners(text: string): Map<string, Owner> {
  const lines = text.matchAll(/^(\S+) (\S+)(?: (.+))?$/gm);
  return new Map([...lines].map(([, name = "", id = "", urn]) => [name, { id, ...(urn !== undefined && { urn }) }]));
}

function parseNotes(text: string): Map<string, number> {
  const lines = text.split("\n").map((line) => line.split(" "));
  return new Map(
    lines.filter(([, value]) => /^\d$/.test(value ?? "")).map(([name = "", value]) => [name, Number(value)]),
  );
}
