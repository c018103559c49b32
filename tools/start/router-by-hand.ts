import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { TerminalClient } from "../../lab/command-line/terminal-client.test";
import type { LabDescription, SophosUtmDescription } from "../../lab/common/description";
import { runOnLabHost } from "./lab-exec";

/** The router of a lab as an administrator sees it, without the product. */
export interface RouterByHand {
  /** What the lab has in place of a device, and how to reach it. */
  title: string;
  /** The configuration that redirections may change, as the router prints it. */
  configuration(): Promise<string>;
  /** Breaks the redirection of RDP. @returns the lines that were entered, with their prompts */
  breakRedirection(): Promise<string[]>;
  /** What becomes of connections then. */
  whenBroken: "direct" | "rejected";
}

/** The router of a lab; undefined for a lab without a routed network. */
export function routerByHand(lab: LabDescription): RouterByHand | undefined {
  if (!lab.network) return undefined;
  if (lab.ciscoIos) return ciscoRouter(lab.ciscoIos);
  if (lab.checkPoint) return checkPointGateway(lab.checkPoint);
  if (lab.sophosUtm) return sophosUtm(lab.sophosUtm);
  const { address, port } = lab.network.router;
  return {
    title: `ssh ${address}:${port} (real kernel, real iptables, real OpenSSH)`,
    whenBroken: "direct",
    configuration: async () => {
      const show = "iptables -t mangle -S | grep -v '^-P'; ip rule show; ip route show table all | sort";
      return await runOnLabHost(lab.name, "router", ["sh", "-c", show]);
    },
    breakRedirection: async () => {
      const list = await runOnLabHost(lab.name, "router", ["iptables", "-t", "mangle", "-S"]);
      const chain = found(list, /^-A (SPS-R-\S+) .*CONNMARK/m);
      await runOnLabHost(lab.name, "router", ["iptables", "-t", "mangle", "-D", chain, "1"]);
      return [`router# iptables -t mangle -D ${chain} 1`];
    },
  };
}

/** How to log in to an emulated command line. */
type Login = Parameters<typeof TerminalClient.open>[0];

export const CISCO_PROMPT = /\n[\w.-]+(?:\([\w-]+\))?# ?$|^[\w.-]+# ?$/;
export const CLISH_PROMPT = /(?:^|\n)[\w.-]+> $/;

function ciscoRouter(login: Login & { clientInterface: string }): RouterByHand {
  const prompt = CISCO_PROMPT;
  return {
    title: `ssh ${login.address}:${login.port} (emulated command line of Cisco IOS-XE; the real kernel follows it)`,
    whenBroken: "direct",
    configuration: () => showWithoutComments(login, prompt, "show running-config"),
    breakRedirection: async () => {
      const attach = found(await show(login, prompt, "show running-config"), /^ (ip policy route-map SPS-\S+)/m);
      const lines = ["configure terminal", `interface ${login.clientInterface}`, `no ${attach}`, "end"];
      return await enter(login, prompt, lines);
    },
  };
}

function checkPointGateway(login: Login): RouterByHand {
  const prompt = CLISH_PROMPT;
  return {
    title: `ssh ${login.address}:${login.port} (emulated Clish of a Check Point gateway; the real kernel follows it)`,
    whenBroken: "rejected",
    configuration: () => showWithoutComments(login, prompt, "show configuration"),
    breakRedirection: async () => {
      const configured = await show(login, prompt, "show configuration pbr");
      const priority = found(configured, /^set pbr rule priority (\d+) action table SPS/m);
      return await enter(login, prompt, [`set pbr rule priority ${priority} off`]);
    },
  };
}

/** Calls the API of a UTM with its token. @throws Error when it answers with an error */
export type CallUtm = <T>(
  method: "GET" | "POST" | "PATCH",
  path: string,
  body?: object,
  headers?: object,
) => Promise<T>;

export function utmApi({ address, port, token, caFile }: SophosUtmDescription): CallUtm {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const authorization = `Basic ${Buffer.from(`token:${token}`).toString("base64")}`;
  return async <T>(method: "GET" | "POST" | "PATCH", path: string, body?: object, more: object = {}) => {
    const headers = { authorization, "content-type": "application/json", ...more };
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await request(`https://${address}:${port}/api${path}`, { dispatcher, method, headers, body: sent });
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: status ${answer.statusCode}`);
    return (await answer.body.json()) as T;
  };
}

function sophosUtm(utm: SophosUtmDescription): RouterByHand {
  const { address, port } = utm;
  const call = utmApi(utm);
  const types = ["route/policy", "network/host", "network/network", "network/group", "service/tcp", "service/group"];
  return {
    title: `https://${address}:${port}/api (emulated API of a Sophos UTM; the real kernel follows it)`,
    whenBroken: "direct",
    configuration: async () => {
      const objects = await Promise.all(types.map((type) => call("GET", `/objects/${type}/`)));
      return JSON.stringify([...objects, await call("GET", "/nodes/routes.policy")]);
    },
    breakRedirection: async () => {
      const routes = await call<{ _ref: string; name: string; status: boolean }[]>("GET", "/objects/route/policy/");
      const route = routes.find(({ name, status }) => name.startsWith("sps:") && status);
      if (!route) throw new Error("the router has no policy route of the provider");
      const body = { status: false };
      await call("PATCH", `/objects/route/policy/${route._ref}`, body);
      return [`PATCH /api/objects/route/policy/${route._ref} ${JSON.stringify(body)}   (${route.name})`];
    },
  };
}

/** The output of one command on a command line. */
async function show(login: Login, prompt: RegExp, command: string): Promise<string> {
  return (await onTerminal(login, prompt, (terminal) => terminal.type(command))).split("\n").slice(1, -1).join("\n");
}

/** The lines of a configuration; comments say when it was printed. */
async function showWithoutComments(login: Login, prompt: RegExp, command: string): Promise<string> {
  return (await show(login, prompt, command)).replace(/^[#!].*\n/gm, "");
}

/** Enters lines. @returns them with their prompts. @throws Error when the device refuses one */
export async function enter(login: Login, prompt: RegExp, lines: readonly string[]): Promise<string[]> {
  return await onTerminal(login, prompt, async (terminal) => {
    const entered: string[] = [];
    for (const line of lines) {
      const shownPrompt = terminal.shown.split("\n").at(-1) ?? "";
      const answer = (await terminal.type(line)).split("\n").slice(1, -1).join("\n");
      if (/^(?:% (?!SYS)|CLINFR|Invalid)/m.test(answer)) throw new Error(`${line}: ${answer}`);
      entered.push(`${shownPrompt}${line}`);
    }
    return entered;
  });
}

async function onTerminal<T>(login: Login, prompt: RegExp, work: (terminal: TerminalClient) => Promise<T>): Promise<T> {
  const terminal = await TerminalClient.open(login, prompt, { rows: 5000, cols: 500 });
  try {
    return await work(terminal);
  } finally {
    terminal.close();
  }
}

/** The part of a text that an administrator looks for. */
function found(text: string, pattern: RegExp): string {
  const [, part] = pattern.exec(text) ?? [];
  if (part === undefined) throw new Error("the router has no rule of the provider");
  return part;
}
