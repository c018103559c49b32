import { parseArgs } from "node:util";
import { CommandError, type Stack } from "@pulumi/pulumi/automation";
import { type ConnectionCheck, sendCommand } from "../../dist/lab/cli/control";
import { requireRunning, startLab, stopLab } from "../../dist/lab/cli/running";
import type { LabDescription } from "../../dist/lab/common/description";
import { execInPlace } from "./exec";
import { sayHowToGoOn } from "./go-on";
import { chapter, proof, say, showEvents } from "./show";
import { keptPlace, openStack, passingPlace } from "./stack";

/*
 * `npm start`: the main job from beginning to end, for real. Every chapter proves what it says and ends the story with
 * an error where it is not so.
 */

const SERVER = "10.0.0.5";
const PORT = 3389;
const SPEED = 4;

async function story(keep: boolean): Promise<void> {
  const name = keep ? "lab" : `start-${process.pid}`;
  chapter("the lab: two SPS nodes, SPP, client — router — server, in this machine");
  const lab = await startLab({ name, speed: SPEED, spsCount: 2, network: true, isForeground: !keep });
  showLab(lab);
  const place = keep ? keptPlace() : passingPlace(lab.directory);
  try {
    const stack = await openStack(lab, place);
    await runChapters(lab, stack);
  } catch (error) {
    if (keep) await stopLab(name);
    throw error;
  }
  if (keep) {
    chapter("lab and stack stay up; go on with");
    sayHowToGoOn(place.stateFolder);
    return;
  }
  chapter("lab down");
  await stopLab(name);
  proof("no process, namespace or file of the lab is left");
}

async function runChapters(lab: LabDescription, stack: Stack): Promise<void> {
  if (lab.network) {
    chapter(`before: the client connects to ${SERVER}:${PORT}`);
    await proveConnection(lab, "direct");
  }
  chapter("pulumi preview: what would be done, nothing is changed");
  await stack.preview({ onEvent: showEvents({ details: true }) });

  chapter("pulumi up: cluster, join, redirection");
  await stack.up({ onEvent: showEvents({ details: false }) });

  if (lab.network) {
    chapter(`after: the client connects to ${SERVER}:${PORT}`);
    await proveConnection(lab, "through SPS");
  }
  chapter("pulumi preview: is there anything left to do?");
  const again = await stack.preview({ onEvent: showEvents({ details: true }) });
  expectNoChanges(again.changeSummary);

  if (lab.network) await repairChapters(lab, stack);

  chapter("pulumi destroy: a join cannot be undone");
  await expectRefusal(stack);
  if (lab.network) await proveConnection(lab, "through SPS");
}

async function repairChapters(lab: LabDescription, stack: Stack): Promise<void> {
  chapter("somebody deletes a rule on the router by hand");
  const { command, rule } = await deleteOneRule(lab);
  say(`   router# ${command}`);
  say(`   gone: ${rule}`);

  chapter("pulumi refresh, then preview: is it noticed?");
  await stack.refresh({ onEvent: showEvents({ details: false, changed: "differs:" }) });
  const drifted = await stack.preview({ onEvent: showEvents({ details: true }) });
  if (!drifted.changeSummary.update) throw new Error("the deleted rule was not noticed");
  proof("the difference is seen");

  chapter("pulumi up: repaired");
  await stack.up({ onEvent: showEvents({ details: false }) });
  await proveConnection(lab, "through SPS");
}

async function proveConnection(lab: LabDescription, expected: "direct" | "through SPS"): Promise<void> {
  const command = { command: "connect", address: SERVER, port: PORT } as const;
  const { peerSeenByServer, audit } = (await sendCommand(requireRunning(lab.name), command)) as ConnectionCheck;
  if (expected === "direct") {
    if (audit) throw new Error("the connection passed SPS before anything was redirected");
    proof(`direct: the server saw ${peerSeenByServer}, SPS recorded nothing`);
    return;
  }
  if (!audit) throw new Error(`the connection did not pass SPS: the server saw ${peerSeenByServer}`);
  proof(`through SPS: the server saw ${peerSeenByServer}`);
  proof(`audit record: ${audit.time} ${audit.client} -> ${audit.server}`);
}

function expectNoChanges(summary: Record<string, number | undefined>): void {
  const changing = Object.entries(summary).filter(([operation, count]) => operation !== "same" && count);
  if (changing.length > 0) throw new Error(`a second preview wants changes: ${JSON.stringify(summary)}`);
  proof(`no changes (${summary.same ?? 0} unchanged)`);
}

async function expectRefusal(stack: Stack): Promise<void> {
  try {
    // As on the command line, where a destroy begins with its preview and ends there when that fails.
    await stack.destroy({ previewOnly: true, onEvent: showEvents({ details: false, changed: false }) });
  } catch {
    proof("refused before anything was touched");
    return;
  }
  throw new Error("the destroy was not refused");
}

/** Deletes the first rule of our chain, as a person at the router would. */
async function deleteOneRule(lab: LabDescription): Promise<{ command: string; rule: string }> {
  const list = await execInPlace(lab.name, "router", ["iptables", "-t", "mangle", "-S"]);
  const rule = list.split("\n").find((line) => /^-A SPS-R-\S+ .*CONNMARK/.test(line));
  const chain = rule?.split(" ")[1];
  if (!rule || !chain) throw new Error("the router has no rule of ours");
  await execInPlace(lab.name, "router", ["iptables", "-t", "mangle", "-D", chain, "1"]);
  return { command: `iptables -t mangle -D ${chain} 1`, rule };
}

function showLab(lab: LabDescription): void {
  for (const node of lab.sps) say(`   SPS     https://${node.address}:${node.port}`);
  say(`   SPP     https://${lab.spp.address}:${lab.spp.port}`);
  if (lab.network)
    say(
      `   router  ssh ${lab.network.router.address}:${lab.network.router.port} (real kernel, real iptables, real OpenSSH)`,
    );
  else say(`   router  none: ${lab.networkUnavailable}`);
}

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
story(values.keep).catch((error: unknown) => {
  // A failed run brings its whole output along; what the engine itself said of it has been shown already.
  const text = error instanceof Error ? error.message : String(error);
  const told = error instanceof CommandError ? / stderr: ([\s\S]*?)\n err\?:/.exec(text)?.[1]?.trim() : text;
  const reason = told || "pulumi failed; what it said stands above";
  process.stderr.write(`error: ${reason}\n`);
  process.exit(1);
});
