import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The Python environment in which Ansible is installed for comparison. */
const HOME = resolve(__dirname, "../../node_modules/.cache/pulumi-safeguard/ansible");
const RELEASE = "ansible>=9,<12";
const INSTALL_LIMIT_SECONDS = 600;

/** The program that runs playbooks, once Ansible is installed. */
export const ANSIBLE_PLAYBOOK = join(HOME, "bin/ansible-playbook");

/** Installs Ansible for comparison unless it is installed. @returns why that failed; undefined when it is installed */
export function installAnsible(): string | undefined {
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
    if (error || status !== 0) return `${command} ${args[0]}: ${error?.message || last || `status ${status}`}`;
  }
  writeFileSync(join(HOME, "installed"), "");
  return undefined;
}

/** What a benchmark prints instead of Ansible's numbers. */
export function noAnsibleText(problem: string): string {
  return `NO COMPARISON WITH ANSIBLE: ${problem}`;
}
