import type { CiscoRouterConnection } from "../../../core/connection";
import type { PathTarget, PathTrial } from "../../planning/paths";
import { tracedHops } from "../../planning/tool-outputs";
import type { PlatformContext } from "../../platform";
import { type PathTools, tryPathsBy } from "../../terminal/session/path-tools";
import { echoResultOf, egressOf, ipMtuOf } from "../read/path-outputs";
import { withIosSession } from "./connect";
import type { IosSession } from "./ios-session";
import { openPort } from "./probes";

const STEP = "try the ways to SPS";

/**
 * Tries the way to addresses with the router's `ping`, `traceroute` and `telnet`. No command changes the configuration.
 * @throws SafeguardError when the router cannot be reached, or the session is lost
 */
export async function tryPaths(
  router: CiscoRouterConnection,
  targets: readonly PathTarget[],
  context: PlatformContext,
): Promise<PathTrial[]> {
  return await withIosSession(router, context, (session) => tryPathsBy(toolsOf(session), targets, context.signal));
}

function toolsOf(session: IosSession): PathTools {
  const ask = (command: string) => session.exec(command, STEP);
  return {
    noCertificates: "Cisco IOS has no command that shows the certificate of another host",
    openPort: (address, port) => openPort(session, address, port),
    async echo(address, bytes) {
      const result = echoResultOf(await ask(`ping ${address} repeat 1 size ${bytes} timeout 1 df-bit`));
      if (result === undefined) throw new Error("the router's `ping` is not understood");
      return result;
    },
    // A packet that it cannot carry itself has no other sign than one that gets lost.
    async limitBytes(address) {
      const name = egressOf(await ask(`show ip cef ${address}`));
      if (name === undefined) throw new Error("the router has no route to it");
      const limit = ipMtuOf(await ask(`show ip interface ${name}`));
      if (limit === undefined) throw new Error(`the router does not report the packet size of ${name}`);
      return limit;
    },
    async trace(address) {
      const hops = tracedHops(await ask(`traceroute ${address} numeric timeout 1 probe 1 ttl 1 10`));
      if (hops.length === 0) throw new Error("the router's `traceroute` is not understood");
      return hops;
    },
  };
}
