import { join } from "node:path";
import { CheckPointRouter } from "../../lab/check-point/lab-router";
import type { Spelling } from "../../lab/cisco-ios/configuration";
import { CiscoRouter } from "../../lab/cisco-ios/lab-router";
import { type Check, checksOf, outputOf, type PublicClient } from "./run";

/** A script that uses a client's own functions on a Cisco router that asks for the enable password. */
export function ciscoClient(client: "netmiko" | "napalm", spelling: Spelling, bin: string): PublicClient {
  return {
    client,
    router: `cisco-ios (${spelling})`,
    run: async () => {
      const router = await CiscoRouter.start(undefined, { spelling, needsEnable: true });
      try {
        return await checksBy(`${client}_ios.py`, bin, loginTo(router, router.device.enablePassword));
      } finally {
        await router.stop();
      }
    },
  };
}

/** A script that uses a client's own functions on a Check Point gateway with a password of expert mode. */
export function gaiaClient(client: "netmiko" | "napalm", bin: string): PublicClient {
  return {
    client,
    router: "check-point",
    run: async () => {
      const router = await CheckPointRouter.start(undefined);
      try {
        return await checksBy(`${client}_gaia.py`, bin, loginTo(router, router.device.expertPassword));
      } finally {
        await router.stop();
      }
    },
  };
}

interface Login {
  address: string;
  port: number;
  username: string;
  password: string;
  secret: string | undefined;
}

function loginTo({ device, server }: CiscoRouter | CheckPointRouter, secret: string | undefined): Login {
  const { address, port } = server;
  const { username, password } = device;
  return { address, port, username, password, secret };
}

async function checksBy(script: string, bin: string, login: Login): Promise<Check[]> {
  const env = {
    ...process.env,
    ROUTER_HOST: login.address,
    ROUTER_PORT: String(login.port),
    ROUTER_USER: login.username,
    ROUTER_PASSWORD: login.password,
    ROUTER_SECRET: login.secret,
  };
  return checksOf(
    await outputOf(join(bin, "python3"), [join(__dirname, "scripts", script)], { env }),
    "Traceback (most recent",
  );
}
