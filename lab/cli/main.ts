import { Command } from "commander";
import { FAULTS, FaultBoard } from "../common/faults";
import { execAttached } from "../network/attached";
import { PLACES, type Place } from "../network/wires";
import { runningNames } from "../registry";
import { type ConnectionProof, orderLab } from "./control";
import { requireRunning, startDetached, stopRunning } from "./running";
import { describeForPeople, describeProof } from "./text";

const nameOption = ["--name <name>", "name of the lab", "lab"] as const;

/** The command line tool `npm run lab -- …`. */
const program = new Command("lab")
  .enablePositionalOptions()
  .description("What stands in for the appliances: two SPS nodes, SPP, and a routed network.");

program
  .command("up")
  .description("start a lab; it goes on in the background until down")
  .option(...nameOption)
  .option("--json", "print everything a program needs as one JSON object")
  .option("--speed <factor>", "how many times faster than the wall clock the appliances' time runs", Number, 1)
  .option("--nodes <count>", "how many SPS nodes", Number, 2)
  .option("--no-network", "leave out the routed network")
  .option("--foreground", "stay in the foreground; Ctrl-C ends the lab")
  .action(async (options) => {
    const description = await startDetached({
      name: options.name,
      speed: options.speed,
      spsCount: options.nodes,
      network: options.network,
      isForeground: options.foreground === true,
    });
    process.stdout.write(options.json ? `${JSON.stringify(description)}\n` : describeForPeople(description));
  });

program
  .command("down")
  .description("end a lab and everything of it")
  .option(...nameOption)
  .action(async ({ name }) => {
    await stopRunning(name);
    process.stdout.write(`lab ${name}: ended\n`);
  });

program
  .command("status")
  .description("tell what runs")
  .option(...nameOption)
  .option("--json", "as one JSON object")
  .action(async ({ name, json }) => {
    const others = runningNames().filter((other) => other !== name);
    const status = await orderLab(requireRunning(name), { order: "status" });
    if (json) process.stdout.write(`${JSON.stringify(status)}\n`);
    else process.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`);
    if (others.length > 0) process.stderr.write(`other labs: ${others.join(", ")}\n`);
  });

program
  .command("fault")
  .description("switch a fault on or off, or list them")
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
    await orderLab(requireRunning(name), { order: "fault", fault: FaultBoard.parse(fault), on: state === "on" });
    process.stdout.write(`lab ${name}: fault ${fault} is ${state}\n`);
  });

program
  .command("connect")
  .description("open a TCP connection from the client host and tell whether it passed SPS")
  .argument("[address]", "address of the server", "10.0.0.5")
  .argument("[port]", "port of the server", "3389")
  .option(...nameOption)
  .option("--json", "as one JSON object")
  .action(async (address: string, port: string, { name, json }) => {
    const order = { order: "connect", address, port: Number(port) } as const;
    const proof = (await orderLab(requireRunning(name), order)) as ConnectionProof;
    process.stdout.write(json ? `${JSON.stringify(proof)}\n` : `${describeProof(proof)}\n`);
  });

program
  .command("exec")
  .description(`run a command on one of the hosts: ${PLACES.join(", ")}`)
  .argument("<host>")
  .argument("<command...>")
  .option(...nameOption)
  .passThroughOptions()
  .action(async (host: string, given: string[], { name }) => {
    const command = given[0] === "--" ? given.slice(1) : given;
    const place = PLACES.find((known): known is Place => known === host);
    if (!place) throw new Error(`Invalid value for host: ${host}. Allowed values are: ${PLACES.join(", ")}.`);
    const running = requireRunning(name);
    if (running.keeperPid === 0)
      throw new Error(`lab ${name} has no network: ${running.description.networkUnavailable}`);
    process.exitCode = await execAttached(running.keeperPid, place, command);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
