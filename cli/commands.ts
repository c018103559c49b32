import type { Command } from "commander";
import type { Session } from "./session";

/** A command in the list of commands. */
interface ListedCommand {
  name: string;
  /** What it does, in a few words. */
  summary: string;
  /** Loads what adds the command with its options. Commands that are not used are never loaded, because that takes time. */
  load(): (program: Command, session: Session) => void;
}

/** All commands, in the order of the list. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: "completion",
    summary: "prints what bash, zsh or fish loads to complete commands, options and sites",
    load: () => completion().addCompletion,
  },
  {
    name: "connect",
    summary: "tests the network between SPS, SPP, the routers and this machine",
    load: () => (require("./connect/command") as typeof import("./connect/command")).addConnect,
  },
  {
    name: "doctor",
    summary: "examines whole sites and names the first cause of each fault",
    load: () => (require("./doctor/command") as typeof import("./doctor/command")).addDoctor,
  },
  {
    name: "logs",
    summary: "shows how much SPS logs, and raises it for a limited time",
    load: () => (require("./logs/command") as typeof import("./logs/command")).addLogs,
  },
  {
    name: "preflight",
    summary: "checks whether an SPS cluster can be joined to SPP",
    load: () => (require("./preflight/command") as typeof import("./preflight/command")).addPreflight,
  },
  {
    name: "rollout",
    summary: "rolls a program out to many sites in waves; needs the package pulumi-safeguard-rollout",
    load: () => (require("./rollout/command") as typeof import("./rollout/command")).addRollout,
  },
  {
    name: "support-bundle",
    summary: "saves the support bundles of the appliances of a site",
    load: () => (require("./support-bundle/command") as typeof import("./support-bundle/command")).addSupportBundle,
  },
  {
    name: "topology",
    summary: "shows what there is of a site, and writes a Pulumi program for it",
    load: () => (require("./topology/command") as typeof import("./topology/command")).addTopology,
  },
];

/** Adds all commands to the program: those that `isUsed` names with their options, the others for the list alone. */
export function addCommands(program: Command, session: Session, isUsed: (name: string) => boolean): void {
  for (const { name, summary, load } of COMMANDS) {
    if (isUsed(name)) load()(program, session);
    else program.command(name);
    program.commands.find((command) => command.name() === name)?.summary(summary);
  }
}

/** Adds the command that shells call for candidates, which is in no list, if the arguments call it. @returns whether they do */
export function addCompleteIfCalled(program: Command, session: Session, [name]: readonly string[]): boolean {
  if (name !== "complete") return false;
  completion().addComplete(program, session);
  return true;
}

const completion = () => require("./completion/command") as typeof import("./completion/command");
