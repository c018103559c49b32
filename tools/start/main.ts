import { CommandError, type Stack } from "@pulumi/pulumi/automation";
import { type ConnectionCheck, sendCommand } from "../../dist/lab/cli/control";
import { requireRunning, startLab, stopLab } from "../../dist/lab/cli/running";
import type { LabDescription } from "../../dist/lab/common/description";
import { runOnLabHost } from "./lab-exec";
import { printNextSteps } from "./next-steps";
import { parseOptions } from "./options";
import { chapter, say, showEvents, verified } from "./show";
import { keptPlace, openStack, temporaryPlace } from "./stack";

/*
 * `npm start`: a tour of the whole product against the lab. Every chapter verifies its result; a wrong result ends the tour
 * with an error.
 */

const SERVER = "10.0.0.5";
const PORT = 3389;
const SPEED = 4;

async function tour(keep: boolean): Promise<void> {
  const name = keep ? "lab" : `start-${process.pid}`;
  chapter("starting the lab on this machine: two SPS nodes, SPP, and the network client — router — server");
  const lab = await startLab({ name, speed: SPEED, spsCount: 2, network: true, router: "linux", isForeground: !keep });
  showLab(lab);
  const place = keep ? keptPlace() : temporaryPlace(lab.directory);
  try {
    const stack = await openStack(lab, place);
    await runChapters(lab, stack);
  } catch (error) {
    if (keep) await stopLab(name);
    throw error;
  }
  if (keep) {
    chapter("keeping the lab and the stack; next steps");
    printNextSteps(place.stateFolder, name);
    return;
  }
  chapter("stopping the lab");
  await stopLab(name);
  verified("no process, namespace or file of the lab is left");
}

async function runChapters(lab: LabDescription, stack: Stack): Promise<void> {
  if (lab.network) {
    chapter(`connecting from the client to ${SERVER}:${PORT} before the redirection`);
    await verifyConnection(lab, "direct");
  }
  chapter("running pulumi preview: checking both appliances and the router, changing nothing");
  await stack.preview({ onEvent: showEvents({ details: true }) });

  chapter("running pulumi up: creating the SPS cluster, joining it to SPP, redirecting traffic on the router");
  await stack.up({ onEvent: showEvents({ details: false }) });

  if (lab.network) {
    chapter(`connecting from the client to ${SERVER}:${PORT} through the redirection`);
    await verifyConnection(lab, "through SPS");
  }
  chapter("running pulumi preview again: expecting no changes");
  const again = await stack.preview({ onEvent: showEvents({ details: true }) });
  expectNoChanges(again.changeSummary);

  if (lab.network) await repairChapters(lab, stack);

  chapter("running pulumi destroy: expecting a refusal, because a join cannot be undone");
  await expectRefusal(stack);
  if (lab.network) await verifyConnection(lab, "through SPS");
}

async function repairChapters(lab: LabDescription, stack: Stack): Promise<void> {
  chapter("deleting a rule on the router by hand");
  const { command, rule } = await deleteOneRule(lab);
  say(`   router# ${command}`);
  say(`   deleted: ${rule}`);

  chapter("running pulumi refresh and preview: expecting drift");
  await stack.refresh({ onEvent: showEvents({ details: false, changed: "drifted:" }) });
  const drifted = await stack.preview({ onEvent: showEvents({ details: true }) });
  if (!drifted.changeSummary.update) throw new Error("pulumi preview: the deleted rule was not detected as drift");
  verified("the drift is detected and will be repaired");

  chapter("running pulumi up: restoring the rule");
  await stack.up({ onEvent: showEvents({ details: false }) });
  await verifyConnection(lab, "through SPS");
}

async function verifyConnection(lab: LabDescription, expected: "direct" | "through SPS"): Promise<void> {
  const command = { command: "connect", address: SERVER, port: PORT } as const;
  const { peerSeenByServer, audit } = (await sendCommand(requireRunning(lab.name), command)) as ConnectionCheck;
  if (expected === "direct") {
    if (audit) throw new Error("the connection passed through SPS before the redirection");
    verified(`direct: the server saw ${peerSeenByServer}, SPS recorded nothing`);
    return;
  }
  if (!audit) throw new Error(`the connection did not pass through SPS: the server saw ${peerSeenByServer}`);
  verified(`through SPS: the server saw ${peerSeenByServer}`);
  verified(`audit record of SPS: ${audit.time} ${audit.client} -> ${audit.server}`);
}

function expectNoChanges(summary: Record<string, number | undefined>): void {
  const changing = Object.entries(summary).filter(([operation, count]) => operation !== "same" && count);
  if (changing.length > 0) throw new Error(`the second preview has changes: ${JSON.stringify(summary)}`);
  verified(`no changes (${summary.same ?? 0} unchanged)`);
}

async function expectRefusal(stack: Stack): Promise<void> {
  try {
    // As on the command line, where a destroy ends when its preview fails.
    await stack.destroy({ previewOnly: true, onEvent: showEvents({ details: false, changed: false }) });
  } catch {
    verified("refused before any change");
    return;
  }
  throw new Error("the destroy was not refused");
}

/** Deletes the first rule of the provider's chain with the router's own command. */
async function deleteOneRule(lab: LabDescription): Promise<{ command: string; rule: string }> {
  const list = await runOnLabHost(lab.name, "router", ["iptables", "-t", "mangle", "-S"]);
  const rule = list.split("\n").find((line) => /^-A SPS-R-\S+ .*CONNMARK/.test(line));
  const chain = rule?.split(" ")[1];
  if (!rule || !chain) throw new Error("the router has no rule of the provider");
  await runOnLabHost(lab.name, "router", ["iptables", "-t", "mangle", "-D", chain, "1"]);
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

const values = parseOptions({ keep: { type: "boolean", default: false } });
tour(values.keep).catch((error: unknown) => {
  // The error of a failed run holds its whole output; the engine's own messages were printed already.
  const text = error instanceof Error ? error.message : String(error);
  const engineError = error instanceof CommandError ? / stderr: ([\s\S]*?)\n err\?:/.exec(text)?.[1]?.trim() : text;
  const reason = engineError || "pulumi failed; its messages are above";
  process.stderr.write(`error: ${reason}\n`);
  process.exit(1);
});
