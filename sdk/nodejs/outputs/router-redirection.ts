// Written by `npm run docs` from the schemas; change the schema, not this file.
import type * as pulumi from "@pulumi/pulumi";
import type { RouterRedirectionOutputs as Outputs } from "../../../provider/resources/router-redirection/schema";
import { SafeguardResource } from "../resource";

/**
 * The redirection of chosen TCP traffic through SPS on one router. The platforms are linux, cisco-ios, sophos-utm and
 * check-point.
 */
export abstract class RouterRedirectionOutputs extends SafeguardResource {
  /** Random id of the resource, recorded on the router, so that no other resource changes its redirections. */
  declare public readonly ownerId: pulumi.Output<Outputs["ownerId"]>;
  /**
   * The rules in canonical form and order: planned in previews, read back afterwards. They are equal unless something
   * else changed the router.
   */
  declare public readonly rules: pulumi.Output<Outputs["rules"]>;
  /** The interfaces that the redirections use, in order of name. */
  declare public readonly interfaces: pulumi.Output<Outputs["interfaces"]>;
  /** Packets that each redirection has matched; empty where the platform counts none. */
  declare public readonly counters: pulumi.Output<Outputs["counters"]>;
  /** When the last changes were confirmed over a new connection, ISO 8601; absent when nothing was changed. */
  declare public readonly confirmedAt: pulumi.Output<Outputs["confirmedAt"]>;
  /**
   * Probes that failed or could not run at the last confirmation; empty when all passed, absent when nothing was
   * changed. With `probe.path: "required"` such changes are rolled back instead.
   */
  declare public readonly confirmedUnproven: pulumi.Output<Outputs["confirmedUnproven"]>;
  /**
   * The redirections for which a client's connection was answered through SPS before the confirmation; absent when
   * nothing was changed.
   */
  declare public readonly confirmedTraffic: pulumi.Output<Outputs["confirmedTraffic"]>;
  /** Redirections that an unfinished update may have left on the router; absent otherwise. */
  declare public readonly unfinished: pulumi.Output<Outputs["unfinished"]>;
  /** Outputs that only Linux routers have; absent while the router was not read. */
  declare public readonly linuxStatus: pulumi.Output<Outputs["linuxStatus"]>;
  /** Outputs that only Cisco routers have; absent while the router was not read. */
  declare public readonly ciscoIosStatus: pulumi.Output<Outputs["ciscoIosStatus"]>;
  /** Outputs that only a Sophos UTM has; absent while the router was not read. */
  declare public readonly sophosUtmStatus: pulumi.Output<Outputs["sophosUtmStatus"]>;
  /** Outputs that only a Check Point gateway has; absent while the router was not read. */
  declare public readonly checkPointStatus: pulumi.Output<Outputs["checkPointStatus"]>;
}

/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */
export const outputs = {
  ownerId: undefined,
  rules: undefined,
  interfaces: undefined,
  counters: undefined,
  confirmedAt: undefined,
  confirmedUnproven: undefined,
  confirmedTraffic: undefined,
  unfinished: undefined,
  linuxStatus: undefined,
  ciscoIosStatus: undefined,
  sophosUtmStatus: undefined,
  checkPointStatus: undefined,
};

/** Paths of the inputs that are secret; `[]` stands for every element. */
export const secrets: readonly string[] = [
  "router.password",
  "router.privateKey",
  "router.passphrase",
  "router.jumpHost.password",
  "router.jumpHost.privateKey",
  "router.jumpHost.passphrase",
  "router.enablePassword",
  "router.expertPassword",
];
