import { Command } from "commander";
import { FAULTS, FaultSwitches } from "../common/faults";
import { LIMITS } from "../limits";
import { execAttached } from "../network/attached";
import { HOSTS, type Host } from "../network/topology";
import { runningNames } from "../registry";
import { ROUTER_KINDS, type RouterKind } from "../router-kinds";
import { type ConnectionCheck, sendCommand } from "./control";
import { formatConnectionCheck, formatDescription } from "./format";
import { requireRunning, startLab, stopLab } from "./running";

/** A parser for the numbers of an option. @throws Error with the allowed values */
function numberFor(option: string, [lowest, highest]: readonly [number, number], isWhole: boolean) {
  return (text: string): number => {
    const value = Number(text);
    const isAllowed = text.trim() !== "" && value >= lowest && value <= highest;
    if (isAllowed && (!isWhole || Number.isInteger(value))) return value;
    throw new Error(`Invalid value for ${option}: ${text}. Allowed values are: ${lowest} to ${highest}.`);
  };
}

/** Parses the kind of the router. @throws Error with the allowed values */
function routerKind(text: string): RouterKind {
  const kind = ROUTER_KINDS.find((known) => known === text);
  if (kind) return kind;
  throw new Error(`Invalid value for --router: ${text}. Allowed values are: ${ROUTER_KINDS.join(", ")}.`);
}

const nameOption = ["--name <name>", "name of the lab", "lab"] as const;

/** The command line tool `npm run lab -- …`. */
const program = new Command("lab")
  .enablePositionalOptions()
  .description("Simulates a site on this machine: SPS nodes, SPP and a routed network.");

program
  .command("up")
  .description("start a lab in the background")
  .option(...nameOption)
  .option("--json", "print addresses, credentials and files as one JSON object")
  .option(
    "--speed <factor>",
    "run the appliances' clock this many times faster than real time",
    numberFor("--speed", LIMITS.speed, false),
    1,
  )
  .option("--nodes <count>", "number of SPS nodes", numberFor("--nodes", LIMITS.spsCount, true), 2)
  .option("--no-network", "start without the routed network")
  .option("--router <platform>", `command line or API of the router: ${ROUTER_KINDS.join(", ")}`, routerKind, "linux")
  .option("--foreground", "stay in the foreground; Ctrl-C stops the lab")
  .action(async (options) => {
    const description = await startLab({
      name: options.name,
      speed: options.speed,
      spsCount: options.nodes,
      network: options.network,
      router: options.router,
      isForeground: options.foreground === true,
    });
    process.stdout.write(options.json ? `${JSON.stringify(description)}\n` : formatDescription(description));
  });

program
  .command("down")
  .description("stop a lab and remove everything it started")
  .option(...nameOption)
  .action(async ({ name }) => {
    await stopLab(name);
    process.stdout.write(`lab ${name} is down\n`);
  });

program
  .command("status")
  .description("show the nodes, the faults that are on and the number of requests")
  .option(...nameOption)
  .option("--json", "print one JSON object on a single line")
  .action(async ({ name, json }) => {
    const others = runningNames().filter((other) => other !== name);
    const status = await sendCommand(requireRunning(name), { command: "status" });
    if (json) process.stdout.write(`${JSON.stringify(status)}\n`);
    else process.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`);
    if (others.length > 0) process.stderr.write(`other running labs: ${others.join(", ")}\n`);
  });

program
  .command("fault")
  .description("switch a fault on or off; without arguments, list all faults")
  .argument("[fault]", "name of the fault")
  .argument("[state]", "on or off", "on")
  .option(...nameOption)
  .action(async (fault: string | undefined, state: string, { name }) => {
    if (fault === undefined) {
      for (const [known, meaning] of Object.entries(FAULTS)) process.stdout.write(`${known.padEnd(28)}${meaning}\n`);
      return;
    }
    if (state !== "on" && state !== "off")
      throw new Error(`Invalid value for state: ${state}. Allowed values are: on, off.`);
    await sendCommand(requireRunning(name), {
      command: "fault",
      fault: FaultSwitches.parse(fault),
      on: state === "on",
    });
    process.stdout.write(`lab ${name}: fault ${fault} is ${state}\n`);
  });

program
  .command("connect")
  .description("open a TCP connection from the client host and show whether it passed SPS")
  .argument("[address]", "address of the server", "10.0.0.5")
  .argument("[port]", "port of the server", numberFor("port", [1, 65535], true), 3389)
  .option(...nameOption)
  .option("--json", "print one JSON object")
  .action(async (address: string, port: number, { name, json }) => {
    const command = { command: "connect", address, port } as const;
    const check = (await sendCommand(requireRunning(name), command)) as ConnectionCheck;
    process.stdout.write(json ? `${JSON.stringify(check)}\n` : `${formatConnectionCheck(check)}\n`);
  });

program
  .command("exec")
  .description(`run a command on one of the hosts: ${HOSTS.join(", ")}`)
  .argument("<host>", "name of the host")
  .argument("<command...>", "the command with its arguments")
  .option(...nameOption)
  .passThroughOptions()
  .action(async (hostName: string, words: string[], { name }) => {
    const command = words[0] === "--" ? words.slice(1) : words;
    const host = HOSTS.find((known): known is Host => known === hostName);
    if (!host) throw new Error(`Invalid value for host: ${hostName}. Allowed values are: ${HOSTS.join(", ")}.`);
    const running = requireRunning(name);
    if (running.keeperPid === 0)
      throw new Error(`lab ${name} has no routed network: ${running.description.networkUnavailable}`);
    process.exitCode = await execAttached(running.keeperPid, host, command);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
