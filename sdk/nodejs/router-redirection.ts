import * as pulumi from "@pulumi/pulumi";
import { routerRedirectionStub } from "../../provider/dynamic/stubs";
import type {
  RouterRedirectionInputs,
  RouterRedirectionState,
} from "../../provider/resources/router-redirection/schema";
import { type InputMembers, secretConnection } from "./inputs";

/** Arguments of RouterRedirection; see docs/resources/router-redirection.md for every field. */
export type RouterRedirectionArgs = InputMembers<RouterRedirectionInputs>;

/** The redirection of chosen TCP traffic through SPS, on one router. */
export class RouterRedirection extends pulumi.dynamic.Resource {
  /** The rules in canonical form and order. */
  declare public readonly rules: pulumi.Output<string[]>;
  /** What the rules are kept in on the router, for example `iptables-nft`. */
  declare public readonly backend: pulumi.Output<RouterRedirectionState["backend"]>;
  /** Why it is that backend, in words. */
  declare public readonly backendReason: pulumi.Output<RouterRedirectionState["backendReason"]>;
  /** The router's interfaces that take part, with their addresses. */
  declare public readonly interfaces: pulumi.Output<RouterRedirectionState["interfaces"]>;
  /** How many packets each redirection has taken. */
  declare public readonly counters: pulumi.Output<RouterRedirectionState["counters"]>;
  /** What brings the redirections back when the router restarts or when links come up; empty when nothing does. */
  declare public readonly persistedBy: pulumi.Output<RouterRedirectionState["persistedBy"]>;
  /** Each SPS whose traffic a watchdog lets pass unaudited now, with since when where that is known. */
  declare public readonly bypassed: pulumi.Output<RouterRedirectionState["bypassed"]>;
  /** When the last changes were confirmed over a new connection; undefined when nothing was ever changed. */
  declare public readonly confirmedAt: pulumi.Output<RouterRedirectionState["confirmedAt"]>;
  /** What could not be proved when they were confirmed, a phrase each; empty when all that was tried was proved. */
  declare public readonly confirmedUnproven: pulumi.Output<RouterRedirectionState["confirmedUnproven"]>;
  /** The redirections of which a client's connection was answered by way of SPS meanwhile. */
  declare public readonly confirmedTraffic: pulumi.Output<RouterRedirectionState["confirmedTraffic"]>;
  /** What an update that did not finish may have left on the router; undefined otherwise. */
  declare public readonly unfinished: pulumi.Output<RouterRedirectionState["unfinished"]>;

  constructor(name: string, args: RouterRedirectionArgs, options?: pulumi.CustomResourceOptions) {
    super(
      routerRedirectionStub,
      name,
      {
        ...args,
        router: secretConnection(args.router),
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
      },
      options,
      "safeguard",
      "RouterRedirection",
    );
  }
}
