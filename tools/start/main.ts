import { CommandError, type Stack } from "@pulumi/pulumi/automation";
import { type ConnectionCheck, sendCommand } from "../../dist/lab/cli/control";
import { requireRunning, startLab, stopLab } from "../../dist/lab/cli/running";
import type { LabDescription } from "../../dist/lab/common/description";
import { ROUTER_KINDS, type RouterKind } from "../../dist/lab/router-kinds";
import { printNextSteps } from "./next-steps";
import { parseOptions } from "./options";
import { type RouterByHand, routerByHand } from "./router-by-hand";
import { chapter, say, showEvents, verified } from "./show";
import { keptPlace, openStack, temporaryPlace } from "./stack";

/*
 * `npm start`: a tour of the whole product against the lab, the same for every kind of router. Every chapter verifies its
 * result; a wrong result ends the tour with an error.
 */

const SERVER = "10.0.0.5";
const PORT = 3389;
const SPEED = 4;

async function tour(keep: boolean, kind: RouterKind): Promise<void> {
  const name = keep ? "lab" : `start-${process.pid}`;
  chapter("starting the lab on this machine: two SPS nodes, SPP, and the network client — router — server");
  const lab = await startLab({ name, speed: SPEED, spsCount: 2, network: true, router: kind, isForeground: !keep });
  const router = routerByHand(lab);
  showLab(lab, router);
  const place = keep ? keptPlace() : temporaryPlace(lab.directory);
  try {
    const stack = await openStack(lab, place);
    await runChapters(lab, stack, router);
    if (!keep && router) await removalChapter(lab, stack, router);
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

async function runChapters(lab: LabDescription, stack: Stack, router: RouterByHand | undefined): Promise<void> {
  if (router) {
    chapter(`connecting from the client to ${SERVER}:${PORT} before the redirection`);
    await verifyConnection(lab, "direct");
    before = await router.configuration();
  }
  chapter("running pulumi preview: checking both appliances and the router, changing nothing");
  await stack.preview({ onEvent: showEvents({ details: true }) });

  chapter("running pulumi up: creating the SPS cluster, joining it to SPP, redirecting traffic on the router");
  await stack.up({ onEvent: showEvents({ details: false }) });

  if (router) {
    chapter(`connecting from the client to ${SERVER}:${PORT} through the redirection`);
    await verifyConnection(lab, "through SPS");
  }
  chapter("running pulumi preview again: expecting no changes");
  const again = await stack.preview({ onEvent: showEvents({ details: true }) });
  expectNoChanges(again.changeSummary);

  if (router) await repairChapters(lab, stack, router);

  chapter("running pulumi destroy: expecting a refusal, because a join cannot be undone");
  await expectRefusal(stack);
  if (router) await verifyConnection(lab, "through SPS");
}

/** The configuration of the router before the redirection. */
let before = "";

async function repairChapters(lab: LabDescription, stack: Stack, router: RouterByHand): Promise<void> {
  chapter("breaking the redirection on the router by hand");
  for (const line of await router.breakRedirection()) say(`   ${line}`);
  await verifyConnection(lab, router.whenBroken);

  chapter("running pulumi refresh and preview: expecting drift");
  await stack.refresh({ onEvent: showEvents({ details: false, changed: "drifted:" }) });
  const drifted = await stack.preview({ onEvent: showEvents({ details: true }) });
  if (!drifted.changeSummary.update)
    throw new Error("pulumi preview: the broken redirection was not detected as drift");
  verified("the drift is detected and will be repaired");

  chapter("running pulumi up: repairing the redirection");
  await stack.up({ onEvent: showEvents({ details: false }) });
  await verifyConnection(lab, "through SPS");
}

async function removalChapter(lab: LabDescription, stack: Stack, router: RouterByHand): Promise<void> {
  chapter("removing the router from the program, and running pulumi up: the join stays");
  await stack.removeConfig("router");
  const { summary } = await stack.up({ onEvent: showEvents({ details: false }) });
  if (summary.resourceChanges?.delete !== 1) throw new Error("pulumi up: not just the redirection was removed");
  await verifyConnection(lab, "direct");
  if ((await router.configuration()) !== before) throw new Error("the router: the configuration is not as before");
  verified("the configuration of the router is the same as before the first pulumi up");
}

async function verifyConnection(lab: LabDescription, expected: "direct" | "through SPS" | "rejected"): Promise<void> {
  const command = { command: "connect", address: SERVER, port: PORT } as const;
  const connecting = sendCommand(requireRunning(lab.name), command) as Promise<ConnectionCheck>;
  if (expected === "rejected") {
    const failure = await connecting.then(
      ({ peerSeenByServer }) =>
        Promise.reject(new Error(`the connection reached the server, which saw ${peerSeenByServer}`)),
      (error: Error) => error.message,
    );
    verified(`rejected, because failMode is closed: ${failure}`);
    return;
  }
  const { peerSeenByServer, audit } = await connecting;
  if (expected === "direct") {
    if (audit) throw new Error("the connection passed through SPS without a redirection");
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

function showLab(lab: LabDescription, router: RouterByHand | undefined): void {
  for (const node of lab.sps) say(`   SPS     https://${node.address}:${node.port}`);
  say(`   SPP     https://${lab.spp.address}:${lab.spp.port}`);
  say(`   router  ${router?.title ?? `none: ${lab.networkUnavailable}`}`);
}

/** @throws Error with the allowed values */
function routerKind(text: string): RouterKind {
  const kind = ROUTER_KINDS.find((known) => known === text);
  if (kind) return kind;
  throw new Error(`Invalid value for --router: ${text}. Allowed values are: ${ROUTER_KINDS.join(", ")}.`);
}

async function main(): Promise<void> {
  const values = parseOptions({
    keep: { type: "boolean", default: false },
    router: { type: "string", default: "linux" },
  });
  await tour(values.keep, routerKind(values.router));
}

main().catch((error: unknown) => {
  // The error of a failed run holds its whole output; the engine's own messages were printed already.
  const text = error instanceof Error ? error.message : String(error);
  const engineError = error instanceof CommandError ? / stderr: ([\s\S]*?)\n err\?:/.exec(text)?.[1]?.trim() : text;
  const reason = engineError || "pulumi failed; its messages are above";
  process.stderr.write(`error: ${reason}\n`);
  process.exit(1);
});
