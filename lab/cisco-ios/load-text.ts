import type { Configuration } from "./configuration";
import { beginBanner, goOnWithBanner, keepBanner } from "./modes/banner";
import type { ConfigurationContext } from "./modes/context";
import { configureLine } from "./modes/modes";
import { WITHOUT_GATEWAY } from "./modes/routing/static-route";

/** What a text of configuration commands leads to. */
export interface LoadedText {
  configuration: Configuration;
  /** The commands that the device refuses. */
  refused: string[];
}

/** Enters each command of a text on a copy of a configuration, as `copy FILE running-config` does. */
export function loadText(base: Configuration, text: string): LoadedText {
  const context: ConfigurationContext = { configuration: structuredClone(base), place: { mode: "config" } };
  const refused: string[] = [];
  let banner: ReturnType<typeof beginBanner>;
  for (const raw of text.split(/\r?\n/)) {
    banner = banner ? goOnWithBanner(banner, raw) : beginBanner(raw.trim());
    if (banner) {
      if (!banner.isWhole) continue;
      keepBanner(context.configuration, banner);
      banner = undefined;
      continue;
    }
    const line = raw.trim();
    if (line === "end") break;
    if (line === "" || line.startsWith("!")) continue;
    if (/^exi?t?$/.test(line)) {
      context.place = { mode: "config" };
      continue;
    }
    const result = configureLine(context, line);
    if ("refusal" in result || isRefusal(result.output ?? "")) refused.push(line);
  }
  return { configuration: context.configuration, refused };
}

/** Whether a device did not take a line; a notice of what it has done besides is none. */
function isRefusal(output: string): boolean {
  return (
    /^(%|Bad mask|Not a valid host)/.test(output) &&
    output !== WITHOUT_GATEWAY &&
    !/^% Interface .* due to /.test(output)
  );
}

/** What is left when every line of a configuration is taken back: ports without settings. */
export function emptyConfiguration({ interfaces }: Configuration): Configuration {
  return {
    hostname: "Router",
    globals: [],
    archive: {},
    banners: {},
    vrfs: [],
    timeRanges: [],
    interfaces: interfaces
      .filter(({ name }) => !name.startsWith("Loopback"))
      .map(({ name }) => ({ name, secondaries: [], isShutDown: false, others: [] })),
    objectGroups: [],
    accessLists: [],
    ipv6AccessLists: [],
    sequences: [],
    operations: [],
    tracks: [],
    lines: [],
  };
}
