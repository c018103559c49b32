import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { ANSIBLE_PLAYBOOK } from "./installation";

/** A playbook of one play, for one lab router. */
export interface Playbook {
  router: LabRouter;
  /** Port of the router's SSH server on 127.0.0.1. */
  port: number;
  /** Folder for the files of this run and of Ansible. */
  folder: string;
  tasks: readonly unknown[];
  /** Ansible settings in addition to those of every run. */
  settings?: NodeJS.ProcessEnv;
}

/** Starts `ansible-playbook` without the caller's own Ansible settings; host keys are verified. */
export function startPlaybook(playbook: Playbook, options: SpawnOptions): ChildProcess {
  const { router, port, folder, tasks, settings } = playbook;
  const file = (name: string) => join(folder, name);
  const { hostKey, username, privateKeyFile } = router.network.description.router;
  const host = {
    ansible_host: "127.0.0.1",
    ansible_port: port,
    ansible_user: username,
    ansible_ssh_private_key_file: privateKeyFile,
    ansible_python_interpreter: "/usr/bin/python3",
  };
  writeFileSync(file("play.json"), JSON.stringify([{ hosts: "router", gather_facts: false, tasks }]));
  writeFileSync(file("inventory.json"), JSON.stringify({ all: { hosts: { router: host } } }));
  writeFileSync(file("known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("ANSIBLE_"));
  const env = {
    ...Object.fromEntries(own),
    HOME: folder,
    ANSIBLE_HOME: file(".ansible"),
    ANSIBLE_LOCALHOST_WARNING: "false",
    ANSIBLE_HOST_KEY_CHECKING: "true",
    ANSIBLE_SSH_COMMON_ARGS: `-o UserKnownHostsFile=${file("known_hosts")}`,
    ANSIBLE_NOCOLOR: "true",
    ...settings,
  };
  return spawn(ANSIBLE_PLAYBOOK, ["-i", file("inventory.json"), file("play.json")], { ...options, env });
}
