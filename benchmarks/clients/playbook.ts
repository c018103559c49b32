import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputOf } from "./run";

/** One play for one router. */
export interface Play {
  /** Folder of the programs of the Python environment. */
  bin: string;
  /** Folder for the files of the play and of Ansible. */
  folder: string;
  /** Begins the names of the files. */
  name: string;
  /** Variables of the router. */
  variables: Record<string, unknown>;
  tasks: readonly object[];
  /** Options of `ansible-playbook`. */
  options?: readonly string[];
}

/** Runs a play without the caller's home. @returns what Ansible prints */
export async function runPlay({ bin, folder, name, variables, tasks, options = [] }: Play): Promise<string> {
  const file = (kind: string) => join(folder, `${name}-${kind}.json`);
  const router = { ...variables, ansible_python_interpreter: join(bin, "python3") };
  writeFileSync(file("play"), JSON.stringify([{ hosts: "router", gather_facts: false, tasks }]));
  writeFileSync(file("hosts"), JSON.stringify({ all: { hosts: { router } } }));
  const env = {
    ...process.env,
    HOME: folder,
    ANSIBLE_HOME: join(folder, ".ansible"),
    ANSIBLE_HOST_KEY_CHECKING: "false",
    ANSIBLE_LOCALHOST_WARNING: "false",
    ANSIBLE_NOCOLOR: "true",
    ANSIBLE_STDOUT_CALLBACK: "ansible.builtin.default",
  };
  return await outputOf(join(bin, "ansible-playbook"), ["-i", file("hosts"), file("play"), ...options], { env });
}

/** Variables for the modules of cisco.ios on the port of an emulated router. */
export function ciscoVariables(address: string, port: number, { username, password }: Login): Record<string, unknown> {
  return {
    ansible_host: address,
    ansible_port: port,
    ansible_user: username,
    ansible_password: password,
    ansible_connection: "ansible.netcommon.network_cli",
    ansible_network_os: "cisco.ios.ios",
    ansible_network_cli_ssh_type: "paramiko",
  };
}

interface Login {
  username: string;
  password: string;
}
