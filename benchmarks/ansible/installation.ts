import { join } from "node:path";
import { binOf, installPackages } from "../python/environment";

const NAME = "ansible";
const RELEASE = "ansible>=9,<12";

/** The program that runs playbooks, once Ansible is installed. */
export const ANSIBLE_PLAYBOOK = join(binOf(NAME), "ansible-playbook");

/** Installs Ansible for comparison unless it is installed. @returns why that failed; undefined when it is installed */
export function installAnsible(): string | undefined {
  return installPackages(NAME, [RELEASE]).problem;
}

/** What a benchmark prints instead of Ansible's numbers. */
export function noAnsibleText(problem: string): string {
  return `NO COMPARISON WITH ANSIBLE: ${problem}`;
}
