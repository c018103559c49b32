import { join } from "node:path";
import type { Spelling } from "../../lab/cisco-ios/configuration";
import { CiscoRouter } from "../../lab/cisco-ios/lab-router";
import { type Check, outputOf, type PublicClient } from "./run";

/** A script that uses a client's own functions on a Cisco router that asks for the enable password. */
export function pythonClient(client: "netmiko" | "napalm", spelling: Spelling, bin: string): PublicClient {
  return {
    client,
    router: `cisco-ios (${spelling})`,
    run: async () => {
      const router = await CiscoRouter.start(undefined, { spelling, needsEnable: true });
      try {
        const { device, server } = router;
        const env = {
          ...process.env,
          ROUTER_HOST: server.address,
          ROUTER_PORT: String(server.port),
          ROUTER_USER: device.username,
          ROUTER_PASSWORD: device.password,
          ROUTER_SECRET: device.enablePassword,
        };
        return checksOf(await outputOf(join(bin, "python3"), [join(__dirname, `${client}_ios.py`)], { env }));
      } finally {
        await router.stop();
      }
    },
  };
}

/** The checks that a script printed, one JSON object a line; without any, its output is the detail of one that failed. */
function checksOf(output: string): Check[] {
  const checks = output
    .split("\n")
    .filter((line) => line.startsWith('{"check"'))
    .map((line) => JSON.parse(line) as Check);
  return checks.length > 0 ? checks : [{ check: "the script runs", passed: false, detail: output.trim().slice(-400) }];
}
