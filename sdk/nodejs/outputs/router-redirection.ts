// Written by `npm run docs` from the schemas; change the schema, not this file.
import * as pulumi from "@pulumi/pulumi";
import type { RouterRedirectionOutputs as Outputs } from "../../../provider/resources/router-redirection/schema";

/**
 * The redirection of chosen TCP traffic through SPS on one router. `platform: "linux"` is supported; other platforms
 * fail with an error.
 */
export abstract class RouterRedirectionOutputs extends pulumi.dynamic.Resource {
  /** The rules in canonical form and order; known in previews, read back after an update. */
  declare public readonly rules: pulumi.Output<Outputs["rules"]>;
  /** Where the rules are stored: `iptables-nft`, `iptables-legacy`, `nftables` or `ip-rule`. */
  declare public readonly backend: pulumi.Output<Outputs["backend"]>;
  /** Why that backend was chosen. */
  declare public readonly backendReason: pulumi.Output<Outputs["backendReason"]>;
  /** The interfaces that the redirections use, with their addresses. */
  declare public readonly interfaces: pulumi.Output<Outputs["interfaces"]>;
  /** Packets that each redirection has matched; none with backend `ip-rule`. */
  declare public readonly counters: pulumi.Output<Outputs["counters"]>;
  /** What restores the redirections after a restart; empty when nothing does. */
  declare public readonly persistedBy: pulumi.Output<Outputs["persistedBy"]>;
  /** Each SPS whose traffic passes unaudited because of a watchdog. */
  declare public readonly bypassed: pulumi.Output<Outputs["bypassed"]>;
  /** When the last changes were confirmed, ISO 8601; absent when nothing was changed. */
  declare public readonly confirmedAt: pulumi.Output<Outputs["confirmedAt"]>;
  /** What could not be proved then, one phrase each. */
  declare public readonly confirmedUnproven: pulumi.Output<Outputs["confirmedUnproven"]>;
  /** The redirections for which a client's connection was answered through SPS then. */
  declare public readonly confirmedTraffic: pulumi.Output<Outputs["confirmedTraffic"]>;
  /** What an update that did not finish may have left on the router; absent otherwise. */
  declare public readonly unfinished: pulumi.Output<Outputs["unfinished"]>;
}

/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */
export const outputs = {
  rules: undefined,
  backend: undefined,
  backendReason: undefined,
  interfaces: undefined,
  counters: undefined,
  persistedBy: undefined,
  bypassed: undefined,
  confirmedAt: undefined,
  confirmedUnproven: undefined,
  confirmedTraffic: undefined,
  unfinished: undefined,
};

/** Paths of the inputs that are secret; `[]` stands for every element. */
export const secrets: readonly string[] = [
  "router.password",
  "router.privateKey",
  "router.passphrase",
  "router.jumpHost.password",
  "router.jumpHost.privateKey",
  "router.jumpHost.passphrase",
];
