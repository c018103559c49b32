import type { CheckPointConnection } from "../../../core/connection";
import { parseTrials, trialText } from "../../guard/scripts/path-trials";
import { ECHO_HEADER_BYTES, type PathTarget, type PathTrial } from "../../planning/paths";
import { echoResult, tracedHops } from "../../planning/tool-outputs";
import type { PlatformContext } from "../../platform";
import { type PathTools, tryPathsBy } from "../../terminal/session/path-tools";
import type { ClishSession } from "./clish-session";
import { withClish } from "./connect";
import type { NoShell } from "./expert-shell";
import { noPortsText } from "./probes";

const STEP = "try the ways to SPS";

/**
 * Tries the way to addresses: in the shell of expert mode where the gateway gives one, else with the `ping` and `traceroute` of
 * Clish. Nothing changes the configuration.
 * @throws SafeguardError when the gateway cannot be reached, or the session is lost
 */
export async function tryPaths(
  router: CheckPointConnection,
  targets: readonly PathTarget[],
  context: PlatformContext,
): Promise<PathTrial[]> {
  return await withClish(router, context, async (session) => {
    const shell = await session.shell();
    if (!("reason" in shell)) return parseTrials(await shell.run(trialText(targets), STEP), targets);
    return await tryPathsBy(clishTools(session, shell), targets, context.signal);
  });
}

function clishTools(session: ClishSession, noShell: NoShell): PathTools {
  return {
    noCertificates: `Clish shows no certificate of another host, and there is no shell: ${noShell.reason}`,
    async openPort() {
      throw new Error(noPortsText(noShell));
    },
    async echo(address, bytes) {
      const size = bytes - ECHO_HEADER_BYTES;
      const result = echoResult(await session.exec(`ping -n -c 1 -W 1 -M do -s ${size} ${address}`, STEP));
      if (result === undefined) throw new Error("the gateway's `ping` is not understood");
      return result;
    },
    async trace(address) {
      const hops = tracedHops(await session.exec(`traceroute -n -q 1 -w 1 -m 10 ${address}`, STEP));
      if (hops.length === 0) throw new Error("the gateway's `traceroute` is not understood");
      return hops;
    },
  };
}
