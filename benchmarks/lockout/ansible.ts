import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CLASSIFICATION, type Contender, LAYERS, type Task } from "./contenders";
import { cutCommand } from "./cuts";

/** Where Ansible is installed for comparison: in a Python environment of its own, with nothing outside. */
const HOME = resolve(__dirname, "../../node_modules/.cache/pulumi-safeguard/ansible");
const RELEASE = "ansible>=9,<12";
const INSTALL_LIMIT_SECONDS = 600;

/** Ansible's iptables_state with its asynchronous rollback, and commands for the other layers, as its guide shows. */
export const ANSIBLE: Contender = {
  name: "ansible iptables_state",
  launch: async (task) => {
    const { folder, windowSeconds } = task;
    writeFileSync(join(folder, "play.json"), JSON.stringify(playOf(task)));
    writeFileSync(join(folder, "inventory.json"), JSON.stringify(inventoryOf(task)));
    const env = {
      ...process.env,
      HOME: folder,
      ANSIBLE_HOME: join(folder, ".ansible"),
      ANSIBLE_LOCALHOST_WARNING: "false",
      ANSIBLE_TIMEOUT: `${windowSeconds}`,
      ANSIBLE_HOST_KEY_CHECKING: "true",
      ANSIBLE_SSH_ARGS: `-o ControlMaster=no -o UserKnownHostsFile=${join(folder, "known_hosts")}`,
      PYTHONUNBUFFERED: "1",
    };
    const { hostKey } = task.router.network.description.router;
    writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${task.port} ${hostKey}\n`);
    const args = ["-i", join(folder, "inventory.json"), join(folder, "play.json")];
    return spawn(join(HOME, "bin/ansible-playbook"), args, {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
  },
  beginning: (cut) => (cut ? "TASK [classification]" : "TASK [layer 1]"),
  // Whatever is left to be decided shows in the layers; its backup file may stay after the rollback.
  pending: "true",
  working: "true",
  isSeenByProcess: true,
};

function playOf({ windowSeconds, cut }: Task): unknown {
  const file = "/run/rules.ansible";
  const cutRule = cut ? [(cutCommand(cut).split(" && ")[0] ?? "").replace("iptables ", "")] : [];
  const filter = cut ? ["*filter", ...cutRule, "COMMIT"] : [];
  const rules = ["*mangle", ":SPS-R-rdp - [0:0]", ...CLASSIFICATION, "COMMIT", ...filter, ""].join("\n");
  const tasks = [
    { name: "rules", "ansible.builtin.copy": { dest: file, content: rules, mode: "0600" } },
    ...LAYERS.map((command, index) => ({ name: `layer ${index + 1}`, "ansible.builtin.command": command })),
    {
      name: "classification",
      "community.general.iptables_state": { state: "restored", path: file, noflush: true },
      async: windowSeconds,
      poll: 0,
    },
  ];
  return [{ hosts: "router", gather_facts: false, tasks }];
}

function inventoryOf({ router, port }: Task): unknown {
  const { username, privateKeyFile } = router.network.description.router;
  const host = {
    ansible_host: "127.0.0.1",
    ansible_port: port,
    ansible_user: username,
    ansible_ssh_private_key_file: privateKeyFile,
    ansible_python_interpreter: "/usr/bin/python3",
  };
  return { all: { hosts: { router: host } } };
}

/** Installs Ansible for comparison unless it is there. Says why it cannot be had; undefined when it is there. */
export function whyNoAnsible(): string | undefined {
  if (existsSync(join(HOME, "installed"))) return undefined;
  mkdirSync(dirname(HOME), { recursive: true });
  for (const [command = "", ...args] of [
    ["python3", "-m", "venv", HOME],
    [join(HOME, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", RELEASE],
  ]) {
    const { error, status, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      timeout: INSTALL_LIMIT_SECONDS * 1000,
    });
    const last = stderr?.trim().split("\n").at(-1);
    if (error || status !== 0) return `${command} ${args[0]}: ${error?.message ?? last ?? `status ${status}`}`;
  }
  writeFileSync(join(HOME, "installed"), "");
  return undefined;
}
