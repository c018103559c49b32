import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { startPlaybook } from "../ansible/playbook";
import type { Contender } from "./results";
import { CHAIN, networksOf, requireRules, ruleText, withChain } from "./rival-chain";

/** The iptables module has no `--set-mark`, so its rules jump to this chain, which is prepared with that rule. */
const MARK_CHAIN = "RIVAL-MARK";
const RULES_FILE = "/run/rival.rules";
const LIMIT_SECONDS = 600;
/** Ansible's default connection timeout, which is the maximum for its rollback. */
const ANSIBLE_TIMEOUT_SECONDS = 10;

/**
 * Ansible's module for single rules in a loop, as in its documentation. It cannot set connection marks, so each rule jumps
 * to a prepared chain that does. That chain and all other layers are not part of its task.
 */
export const ANSIBLE_RULES: Contender = {
  name: "ansible, a task per rule",
  expectedSeconds: (rules, roundTripSeconds) => 3 * (1.5 + 0.15 * rules + (10 + 2.5 * rules) * roundTripSeconds),
  measure: (router, { rules, runs }, stopwatch) =>
    withChain(router, async () => {
      await router.run(
        `iptables -t mangle -N ${MARK_CHAIN} && iptables -t mangle -A ${MARK_CHAIN} -j CONNMARK --set-mark 2/0xff`,
      );
      const tasks = (state: "present" | "absent") => [
        {
          name: "rules",
          "ansible.builtin.iptables": {
            table: "mangle",
            chain: CHAIN,
            in_interface: "rcli",
            protocol: "tcp",
            destination: "{{ item }}",
            destination_port: "3389",
            jump: MARK_CHAIN,
            state,
          },
          loop: networksOf(rules),
        },
      ];
      try {
        await threeTimes(router, { rules, runs }, tasks("present"), tasks("absent"), stopwatch);
      } finally {
        await router.run(
          `iptables -t mangle -F ${CHAIN}; iptables -t mangle -F ${MARK_CHAIN}; iptables -t mangle -X ${MARK_CHAIN}`,
        );
      }
    }),
};

/** All rules at once from a file, with the module's rollback over a new connection, as in its documentation. */
export const ANSIBLE_STATE = restoring("ansible iptables_state", true);

/** The same without the rollback. */
export const ANSIBLE_STATE_ALONE = restoring("ansible, without rollback", false);

function restoring(name: string, isProtected: boolean): Contender {
  const [seconds, roundTrips] = isProtected ? [4.5, 70] : [3, 45];
  return {
    name,
    expectedSeconds: (_, roundTripSeconds) => 3 * (seconds + roundTrips * roundTripSeconds),
    measure: (router, { rules, runs }, stopwatch) =>
      withChain(router, async () => {
        const lines = networksOf(rules).map((network) => `-A ${ruleText(network)}`);
        await threeTimes(router, { rules, runs }, tasks(lines), tasks([]), stopwatch);
        await router.run(`rm -f ${RULES_FILE}`);
      }),
  };

  function tasks(lines: readonly string[]): unknown[] {
    const content = ["*mangle", `:${CHAIN} - [0:0]`, ...lines, "COMMIT", ""].join("\n");
    return [
      { name: "file", "ansible.builtin.copy": { dest: RULES_FILE, content, mode: "0600" } },
      {
        name: "rules",
        "community.general.iptables_state": { state: "restored", path: RULES_FILE, table: "mangle", noflush: true },
        ...(isProtected && { async: ANSIBLE_TIMEOUT_SECONDS, poll: 0 }),
      },
    ];
  }
}

/** Applies, applies again without changes, and removes, each with a new `ansible-playbook`. */
async function threeTimes(
  router: LabRouter,
  { rules, runs }: { rules: number; runs: number },
  present: readonly unknown[],
  absent: readonly unknown[],
  stopwatch: { time: Parameters<Contender["measure"]>[2]["time"] },
): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    for (const [operation, tasks, isChanging] of [
      ["apply", present, true],
      ["refresh", present, false],
      ["remove", absent, true],
    ] as const) {
      await play(router, tasks, isChanging, (work) => stopwatch.time(operation, work));
      await requireRules(router, operation === "remove" ? 0 : rules);
    }
  }
  await router.run("rm -rf /run/root/.ansible /run/root/.ansible_async");
}

/** Runs one playbook with its own connection. @throws Error with Ansible's output when its result is not as expected */
async function play(
  router: LabRouter,
  tasks: readonly unknown[],
  isChanging: boolean,
  timed: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { port, privateKeyFile } = router.network.description.router;
  const folder = mkdtempSync(join(dirname(privateKeyFile), "a-"));
  const sockets = join(folder, "cp");
  let said = "";
  try {
    await timed(async () => {
      const settings = { ANSIBLE_PIPELINING: "true", ANSIBLE_SSH_CONTROL_PATH_DIR: sockets };
      const child = startPlaybook({ router, port, folder, tasks, settings }, { stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (said += chunk));
      const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_SECONDS * 1000);
      const status = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
      clearTimeout(limit);
      assert.equal(status, 0, said);
    });
    const changed = Number(/changed=(\d+)/.exec(said)?.[1]);
    assert.equal(changed > 0, isChanging, said);
  } finally {
    endMasters(sockets);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Closes the connections that Ansible keeps for a minute, so that every playbook starts without one. */
function endMasters(sockets: string): void {
  try {
    for (const name of readdirSync(sockets)) {
      spawnSync("ssh", ["-F", "none", "-o", `ControlPath=${join(sockets, name)}`, "-O", "exit", "router"]);
    }
  } catch {
    // There was no connection.
  }
}
