import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SophosLab } from "../../provider/resources/router-redirection/sophos-lab.test";
import { outputOf } from "../clients/run";
import { type EmulatedRival, type EmulatedSubject, NETWORKS, SERVERS } from "./emulated";

/** What the script names its objects after. */
const PREFIX = "script";

/**
 * An emulated Sophos UTM. Ansible's modules know neither networks nor policy routes, so the rival is a script that sends
 * one request after the other over one connection, as the examples of the API do.
 */
export async function sophosSubject(): Promise<EmulatedSubject> {
  const lab = await SophosLab.start("bench-sophos", false);
  const { device, server } = lab.router;
  return {
    endpoint: server,
    running: () => JSON.stringify(lab.configuration),
    counted: "requests",
    count: () => device.requests.length,
    inputs: (port) => {
      const router = { ...(lab.raw().router as object), address: "127.0.0.1", port };
      const commitConfirm = { windowSeconds: 120 };
      return lab.inputsWith({ serverCidrs: SERVERS }, { router, commitConfirm });
    },
    context: () => lab.context(),
    rival: script(lab),
    stop: () => lab.stop(),
  };
}

/** The script's times begin with its connection, so its start does not count. It has no rollback. */
function script(lab: SophosLab): EmulatedRival {
  return {
    name: "script, one by one",
    async round(port, time) {
      const folder = mkdtempSync(join(tmpdir(), "bench-sophos-"));
      const file = join(folder, "objects.json");
      writeFileSync(file, JSON.stringify({ prefix: PREFIX, servers: SERVERS }));
      const run = async (operation: "apply" | "refresh" | "remove") => {
        const access = { ROUTER_PORT: String(port), ROUTER_TOKEN: lab.router.device.token, ROUTER_CA: lab.caFile };
        const program = join(__dirname, "../clients/scripts/sophos_rounds.py");
        const output = await outputOf("python3", [program, file, operation], { env: { ...process.env, ...access } });
        const [, seconds] = /^seconds (\d+\.\d+)$/m.exec(output) ?? [];
        if (seconds === undefined) throw new Error(`script: ${output.trim().slice(-600)}`);
        return Number(seconds);
      };
      try {
        await time("apply", () => run("apply"));
        const { objects } = lab.configuration;
        const own = objects.filter(({ name }) => String(name).startsWith(`${PREFIX}:`));
        const isOn = own.some(({ _type, status }) => _type === "route/policy" && status === true);
        // The networks and their group, the clients, the service, SPS and the policy route.
        if (own.length !== NETWORKS + 5 || !isOn) throw new Error("not as applied");
        await time("refresh", () => run("refresh"));
        await time("remove", () => run("remove"));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
